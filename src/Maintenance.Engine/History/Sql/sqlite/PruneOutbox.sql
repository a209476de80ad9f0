-- Forgets what was settled long ago. $1 target, $2 how long ago.
DELETE FROM outbox WHERE target = $1 AND state <> 'Queued' AND updated_at < $2
