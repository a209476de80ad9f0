-- One metric of a run.
INSERT INTO maintenance.metrics (
    run_id, ordinal, target, name, value, unit, status, reason, labels, observed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
