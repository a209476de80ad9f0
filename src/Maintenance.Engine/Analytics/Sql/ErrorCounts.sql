-- Errors and critical errors of a window. $1 the window, $2 severities of errors and $3 of critical ones, in lower case
SELECT count(*) FILTER (WHERE lower({severity}::text) = ANY ($2 || $3)),
       count(*) FILTER (WHERE lower({severity}::text) = ANY ($3)),
       clock_timestamp()
FROM {table}
WHERE {time} >= now() - $1 AND {time} <= now()
