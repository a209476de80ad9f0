-- Leases the oldest message that is due and that nobody else is sending. One that waits, or is being sent, holds back the younger ones of its
-- channel: what is over never arrives before what it ends. $1 target, $2 now, $3 lease.
UPDATE outbox SET lease_until = $3, attempts = attempts + 1
WHERE id = (
    SELECT id FROM outbox AS due
    WHERE target = $1 AND state = 'Queued' AND next_attempt <= $2 AND (lease_until IS NULL OR lease_until <= $2)
      AND NOT EXISTS (
          SELECT 1 FROM outbox AS older
          WHERE older.target = $1 AND older.state = 'Queued' AND (older.created_at, older.id) < (due.created_at, due.id)
            AND older.message ->> 'Channel' = due.message ->> 'Channel' COLLATE NOCASE
      )
    ORDER BY created_at, id
    LIMIT 1
)
RETURNING id, message, attempts, created_at, next_attempt
