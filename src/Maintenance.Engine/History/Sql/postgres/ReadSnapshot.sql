-- One snapshot. $1 target, $2 kind, $3 when it was taken.
SELECT taken_at, stats_reset, payload FROM maintenance.snapshots
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND kind = $2 AND taken_at = $3
