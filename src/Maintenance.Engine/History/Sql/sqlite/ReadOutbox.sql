-- What waits, oldest first. $1 target.
SELECT id, message, attempts, created_at, next_attempt
FROM outbox
WHERE target = $1 AND state = 'Queued'
ORDER BY created_at, id
