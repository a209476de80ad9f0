-- Forgets findings that were mended long ago. $1 target, $2 the earliest time to keep.
DELETE FROM finding_ledger WHERE target = $1 AND fixed_at < $2
