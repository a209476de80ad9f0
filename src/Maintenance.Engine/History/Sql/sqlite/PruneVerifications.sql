-- Forgets tests that are too old to be believed, of backups that are mostly gone. $1 target, $2 the earliest time to keep.
DELETE FROM verifications WHERE target = $1 AND verified_at < $2
