-- Forgets the actions of a target that are older than a time. $1 target, $2 the earliest time.
DELETE FROM actions WHERE target = $1 AND started_at < $2
