-- Forgets silences that ended before a time. $1 target, $2 the earliest time.
DELETE FROM maintenance.alert_silences WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND ends_at < $2
