-- Forgets what is too old to be compared with. $1 target, $2 kind, $3 the earliest time to keep.
DELETE FROM snapshots WHERE target = $1 AND kind = $2 AND taken_at < $3
