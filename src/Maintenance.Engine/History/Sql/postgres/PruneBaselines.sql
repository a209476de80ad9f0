-- Forgets what is too old to be compared with. $1 target, $2 the earliest time to keep.
DELETE FROM maintenance.baselines WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND measured_at < $2
