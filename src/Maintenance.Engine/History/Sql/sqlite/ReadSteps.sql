-- The steps of some runs. $1 their ids.
SELECT run_id, name, state, status, message, error, recommendation, started_at, duration
FROM steps
WHERE run_id IN (SELECT value FROM json_each($1))
ORDER BY run_id, ordinal
