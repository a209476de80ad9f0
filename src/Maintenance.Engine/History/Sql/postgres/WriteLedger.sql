-- Where one finding stands. $1 target, $2 fingerprint, $3 first seen, $4 last seen, $5 when it was found mended, or null, $6 the finding as JSON.
INSERT INTO maintenance.finding_ledger (target, fingerprint, first_seen_at, last_seen_at, fixed_at, finding)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pg_catalog.lower(target), fingerprint) DO UPDATE SET
    first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, fixed_at = excluded.fixed_at, finding = excluded.finding
