-- What was processed within a period, by kind: the 50 kinds with the most. $1 the period
SELECT coalesce({activity}::text, '(none)'), coalesce(sum({records}), 0)::numeric(30, 0)::text
FROM {table}
WHERE {time} > now() - $1 AND {time} <= now()
GROUP BY 1
ORDER BY sum({records}) DESC NULLS LAST, 1
LIMIT 50
