-- Forgets silences that ended before a time. $1 target, $2 the earliest time.
DELETE FROM alert_silences WHERE target = $1 AND ends_at < $2
