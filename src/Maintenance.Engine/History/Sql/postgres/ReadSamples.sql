-- Samples of one kind that began in a time, oldest first. $1 target, $2 kind, $3 the earliest time, $4 the first time that is too late.
SELECT resolution, began_at, span, payload FROM maintenance.samples
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND kind = $2 AND began_at >= $3 AND began_at < $4
ORDER BY began_at, resolution
