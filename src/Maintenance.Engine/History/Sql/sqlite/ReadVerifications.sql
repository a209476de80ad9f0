-- What the last tests of one backup came to, newest first. $1 target, $2 store, $3 name.
SELECT details, scope FROM verifications
WHERE target = $1 AND store = $2 AND name = $3
ORDER BY verified_at DESC, id DESC
