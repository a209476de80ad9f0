-- Makes what waits for a channel due, but for what its webhook has asked to wait for. $1 target, $2 channel, $3 now.
UPDATE outbox SET next_attempt = $3, updated_at = $3
WHERE target = $1 AND state = 'Queued' AND next_attempt > $3 AND coalesce(status_code, 0) <> 429 AND message ->> 'Channel' = $2 COLLATE NOCASE
