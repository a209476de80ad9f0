-- Leases the oldest message that is due and that nobody else is sending. $1 target, $2 now, $3 lease.
UPDATE maintenance.outbox SET lease_until = $3, attempts = attempts + 1
WHERE id = (
    SELECT id FROM maintenance.outbox
    WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND state = 'Queued' AND next_attempt <= $2 AND (lease_until IS NULL OR lease_until <= $2)
    ORDER BY created_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, message, attempts, created_at, next_attempt
