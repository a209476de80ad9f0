-- What became of a message. $1 id, $2 state, $3 next attempt, $4 status code, $5 now.
UPDATE outbox SET state = $2, next_attempt = $3, status_code = $4, lease_until = NULL, updated_at = $5
WHERE id = $1
