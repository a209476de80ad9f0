-- When the oldest message of a channel that waits, and is older than a message, is tried again. $1 target, $2 channel, $3 when the message was made, $4 its id, $5 now.
SELECT next_attempt FROM outbox
WHERE target = $1 AND state = 'Queued' AND message ->> 'Channel' = $2 COLLATE NOCASE
  AND (created_at, id) < ($3, $4) AND (lease_until IS NULL OR lease_until <= $5)
ORDER BY created_at, id
LIMIT 1
