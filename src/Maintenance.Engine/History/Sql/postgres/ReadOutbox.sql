-- What waits, oldest first. $1 target.
SELECT id, message, attempts, created_at, next_attempt
FROM maintenance.outbox
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND state = 'Queued'
ORDER BY created_at, id
