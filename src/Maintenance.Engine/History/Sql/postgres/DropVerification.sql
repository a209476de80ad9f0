-- Forgets what an earlier test of the same backup came to at the same level. $1 target, $2 store, $3 name, $4 level.
DELETE FROM maintenance.verifications WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND store = $2 AND name = $3 AND pg_catalog.left(name, 300) = pg_catalog.left($3, 300) AND level = $4
