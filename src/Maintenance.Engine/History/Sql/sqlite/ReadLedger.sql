-- What the last tests of all backups of a target came to, newest first. $1 target.
SELECT details, scope FROM verifications
WHERE target = $1
ORDER BY verified_at DESC, id DESC
