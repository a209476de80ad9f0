-- Forgets changes of alerts before a time. $1 target, $2 the earliest time.
DELETE FROM maintenance.alerts WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND changed_at < $2
