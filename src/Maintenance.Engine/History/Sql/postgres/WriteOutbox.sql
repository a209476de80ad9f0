-- A new message, leased to whoever sends it now. $1 id, $2 target, $3 message, $4 attempts, $5 created, $6 lease.
INSERT INTO maintenance.outbox (id, target, message, state, attempts, next_attempt, lease_until, created_at, updated_at)
VALUES ($1, $2, $3, 'Queued', $4, $5, $6, $5, $5)
