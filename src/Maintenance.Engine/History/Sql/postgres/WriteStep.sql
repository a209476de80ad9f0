-- One step of a run.
INSERT INTO maintenance.steps (
    run_id, ordinal, name, state, status, message, error, recommendation, started_at, duration)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
