-- One finding of a run.
INSERT INTO maintenance.findings (
    run_id, ordinal, id, area, severity, outcome, subject, message, evidence, recommendation, remedy_kind,
    remedy_command, remedy_rollback, target, collected_at, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
