-- Forgets repairs that began before a time. $1 target, $2 the earliest time.
DELETE FROM repairs WHERE target = $1 AND began_at < $2
