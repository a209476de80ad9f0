-- Forgets findings that were mended long ago. $1 target, $2 the earliest time to keep.
DELETE FROM maintenance.finding_ledger WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND fixed_at < $2
