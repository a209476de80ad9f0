-- Forgets what is too old to be compared with. $1 target, $2 the earliest time to keep.
DELETE FROM baselines WHERE target = $1 AND measured_at < $2
