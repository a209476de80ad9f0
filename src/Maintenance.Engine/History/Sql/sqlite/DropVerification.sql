-- Forgets what an earlier test of the same backup came to at the same level. $1 target, $2 store, $3 name, $4 level.
DELETE FROM verifications WHERE target = $1 AND store = $2 AND name = $3 AND level = $4
