-- The metrics of some runs. $1 their ids.
SELECT run_id, target, name, value, unit, status, reason, labels, observed_at
FROM metrics
WHERE run_id IN (SELECT value FROM json_each($1))
ORDER BY run_id, ordinal
