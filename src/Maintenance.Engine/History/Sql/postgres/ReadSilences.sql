-- Silences that end after a time. $1 target, $2 the time.
SELECT silence FROM maintenance.alert_silences WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND ends_at > $2 ORDER BY ends_at, id
