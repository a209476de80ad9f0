-- The messages that were refused for good. $1 target.
SELECT id FROM outbox WHERE target = $1 AND state = 'Rejected'
