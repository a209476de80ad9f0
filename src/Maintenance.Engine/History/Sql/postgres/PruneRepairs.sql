-- Forgets repairs that began before a time. $1 target, $2 the earliest time.
DELETE FROM maintenance.repairs WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND began_at < $2
