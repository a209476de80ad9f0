-- Names of operations in a window, most frequent first, each cut off. $1 the earliest time, $2 the first that is too late, $3 how many
SELECT coalesce(left({operation}::text, 500), '')
FROM {table}
WHERE {time} >= $1::timestamptz AND {time} < $2::timestamptz
GROUP BY 1
ORDER BY count(*) DESC, 1
LIMIT $3
