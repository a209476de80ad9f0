-- Requests of a kind that fell due within a period or are open past their time, and how many were answered in time.
-- $1 the kind, $2 the period
SELECT count(*), count(*) FILTER (WHERE {completed} <= {due})
FROM {table}
WHERE {type}::text = $1 AND {due} <= now() AND ({due} >= now() - $2 OR {completed} IS NULL)
