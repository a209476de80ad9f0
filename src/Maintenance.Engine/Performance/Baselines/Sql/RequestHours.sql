-- Mean durations of each hour (UTC) of a window, of all requests (no label) and of some operations. What is left out is what Requests.sql leaves
-- out. $1 the earliest time, $2 the first that is too late, $3 names of operations, $4 what each is called, $5 and $6 beginnings and ends of
-- times to leave out, $7 which operations
SELECT label, hour, count(duration), avg(duration)
FROM (
    SELECT label, date_trunc('hour', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS hour, duration
    FROM (
        SELECT at, name, CASE WHEN raw >= 0 AND raw < 'Infinity'::float8 THEN raw END AS duration
        FROM (
            SELECT {time} AS at, coalesce(left({operation}::text, 500), '') AS name, {duration}::float8 AS raw
            FROM {table}
            WHERE {time} >= $1::timestamptz AND {time} < $2::timestamptz
        ) AS logged
    ) AS requests
    LEFT JOIN unnest($3::text[], $4::text[]) AS names (operation, label) ON names.operation = requests.name
    WHERE duration IS NOT NULL
      AND NOT EXISTS (SELECT FROM unnest($5::timestamptz[], $6::timestamptz[]) AS excluded (began, ended) WHERE at >= began AND at < ended)
) AS timed
GROUP BY GROUPING SETS ((hour), (label, hour))
HAVING grouping(label) = 1 OR label = ANY ($7::text[])
ORDER BY 1, 2
