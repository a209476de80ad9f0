-- What the last tests of one backup came to, newest first. $1 target, $2 store, $3 name.
SELECT details, scope FROM maintenance.verifications
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND store = $2 AND name = $3 AND pg_catalog.left(name, 300) = pg_catalog.left($3, 300)
ORDER BY verified_at DESC, id DESC
