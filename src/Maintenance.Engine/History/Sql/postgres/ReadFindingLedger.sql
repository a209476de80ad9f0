-- Findings of a target that are open, or were mended lately. $1 target, $2 the earliest time at which those were found mended.
SELECT finding, first_seen_at, last_seen_at, fixed_at
FROM maintenance.finding_ledger
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND (fixed_at IS NULL OR fixed_at >= $2)
ORDER BY first_seen_at, fingerprint
