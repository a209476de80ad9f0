-- When snapshots were taken, oldest first. $1 target, $2 kind, $3 the earliest time.
SELECT taken_at FROM maintenance.snapshots
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND kind = $2 AND taken_at >= $3
ORDER BY taken_at
