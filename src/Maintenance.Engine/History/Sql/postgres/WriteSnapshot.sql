-- One snapshot. Two processes may take one at the same instant: either will do.
INSERT INTO maintenance.snapshots (target, kind, taken_at, stats_reset, payload)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
