-- Makes what waits for a channel due, but for what its webhook has asked to wait for. $1 target, $2 channel, $3 now.
UPDATE maintenance.outbox SET next_attempt = $3, updated_at = $3
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND state = 'Queued' AND next_attempt > $3 AND status_code IS DISTINCT FROM 429
  AND pg_catalog.lower(message ->> 'Channel') = pg_catalog.lower($2)
