-- Requests of a window, all together (first row, no operation) and by operation. Durations are milliseconds. $1 the window
SELECT grouping({operation}) = 1,
       left({operation}::text, 100),
       count(*),
       avg({duration}::float8),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY {duration}::float8),
       count(*) FILTER (WHERE NOT {succeeded}),
       count({succeeded})
FROM {table}
WHERE {time} >= now() - $1 AND {time} <= now()
GROUP BY GROUPING SETS ((), ({operation}))
ORDER BY 1 DESC, 3 DESC, 2
LIMIT 51
