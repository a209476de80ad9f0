-- Silences that end after a time. $1 target, $2 the time.
SELECT silence FROM alert_silences WHERE target = $1 AND ends_at > $2 ORDER BY ends_at, id
