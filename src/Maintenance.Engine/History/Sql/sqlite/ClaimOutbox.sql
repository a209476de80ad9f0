-- Leases the oldest message that is due and that nobody else is sending. $1 target, $2 now, $3 lease.
UPDATE outbox SET lease_until = $3, attempts = attempts + 1
WHERE id = (
    SELECT id FROM outbox
    WHERE target = $1 AND state = 'Queued' AND next_attempt <= $2 AND (lease_until IS NULL OR lease_until <= $2)
    ORDER BY created_at, id
    LIMIT 1
)
RETURNING id, message, attempts, created_at, next_attempt
