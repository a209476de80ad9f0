-- Forgets alerts that nobody has looked at since a time. $1 target, $2 the earliest time.
DELETE FROM alert_states WHERE target = $1 AND updated_at < $2
