-- The steps of some runs. $1 their ids.
SELECT run_id, name, state, status, message, error, recommendation, started_at, duration
FROM maintenance.steps
WHERE run_id = ANY ($1)
ORDER BY run_id, ordinal
