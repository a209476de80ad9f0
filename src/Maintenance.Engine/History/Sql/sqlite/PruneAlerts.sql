-- Forgets changes of alerts before a time. $1 target, $2 the earliest time.
DELETE FROM alerts WHERE target = $1 AND changed_at < $2
