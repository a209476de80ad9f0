-- One run.
INSERT INTO maintenance.runs (
    id, task, target, status, message, started_at, duration, machine, module_version, artifacts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
