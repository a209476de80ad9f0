-- One metric of one target over time, oldest first. $1 target, $2 name, $3 the earliest time.
SELECT run_id, target, name, value, unit, status, reason, labels, observed_at
FROM maintenance.metrics
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND name = $2 AND observed_at >= $3
ORDER BY observed_at, run_id, ordinal
