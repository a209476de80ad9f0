-- Forgets alerts that nobody has looked at since a time. $1 target, $2 the earliest time.
DELETE FROM maintenance.alert_states WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND updated_at < $2
