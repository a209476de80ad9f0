-- What the last tests of all backups of a target came to, newest first. $1 target.
SELECT details, scope FROM maintenance.verifications
WHERE pg_catalog.lower(target) = pg_catalog.lower($1)
ORDER BY verified_at DESC, id DESC
