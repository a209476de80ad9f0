-- Leases the oldest message that is due and that nobody else is sending. One that waits, or is being sent, holds back the younger ones of its
-- channel: what is over never arrives before what it ends. $1 target, $2 now, $3 lease.
UPDATE maintenance.outbox SET lease_until = $3, attempts = attempts + 1
WHERE id = (
    SELECT due.id FROM maintenance.outbox AS due
    WHERE pg_catalog.lower(due.target) = pg_catalog.lower($1) AND due.state = 'Queued' AND due.next_attempt <= $2 AND (due.lease_until IS NULL OR due.lease_until <= $2)
      AND NOT EXISTS (
          SELECT FROM maintenance.outbox AS older
          WHERE pg_catalog.lower(older.target) = pg_catalog.lower($1) AND older.state = 'Queued' AND (older.created_at, older.id) < (due.created_at, due.id)
            AND pg_catalog.lower(older.message ->> 'Channel') = pg_catalog.lower(due.message ->> 'Channel')
      )
    ORDER BY due.created_at, due.id
    LIMIT 1
    FOR UPDATE OF due SKIP LOCKED
)
RETURNING id, message, attempts, created_at, next_attempt
