-- Requests of a window, all together (first row) and by what their operations are called, most frequent first. Durations are milliseconds;
-- what cannot be one is not counted as one. $1 the earliest time, $2 the first that is too late, $3 names of operations, $4 what each is
-- called, $5 and $6 beginnings and ends of times to leave out, $7 how many rows
SELECT grouping(label) = 1,
       label,
       count(*),
       count(duration),
       avg(duration),
       stddev_samp(duration),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duration),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY duration),
       count(*) FILTER (WHERE NOT succeeded),
       count(succeeded),
       min(at)
FROM (
    SELECT at, succeeded, name, CASE WHEN raw >= 0 AND raw < 'Infinity'::float8 THEN raw END AS duration
    FROM (
        SELECT {time} AS at, {succeeded} AS succeeded, coalesce(left({operation}::text, 500), '') AS name, {duration}::float8 AS raw
        FROM {table}
        WHERE {time} >= $1::timestamptz AND {time} < $2::timestamptz
    ) AS logged
) AS requests
LEFT JOIN unnest($3::text[], $4::text[]) AS names (operation, label) ON names.operation = requests.name
WHERE NOT EXISTS (SELECT FROM unnest($5::timestamptz[], $6::timestamptz[]) AS excluded (began, ended) WHERE at >= began AND at < ended)
GROUP BY GROUPING SETS ((), (label))
ORDER BY 1 DESC, 3 DESC, 2
LIMIT $7
