-- Forgets the actions of a target that are older than a time. $1 target, $2 the earliest time.
DELETE FROM maintenance.actions WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND started_at < $2
