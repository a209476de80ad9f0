-- Changes of alerts, newest first. $1 target, $2 the earliest time.
SELECT alert FROM maintenance.alerts
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND changed_at >= $2
ORDER BY changed_at DESC, id DESC
