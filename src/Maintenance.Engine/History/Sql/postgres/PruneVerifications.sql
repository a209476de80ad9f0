-- Forgets tests that are too old to be believed, of backups that are mostly gone. $1 target, $2 the earliest time to keep.
DELETE FROM maintenance.verifications WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND verified_at < $2
