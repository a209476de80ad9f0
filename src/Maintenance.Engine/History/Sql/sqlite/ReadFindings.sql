-- The findings of some runs. $1 their ids.
SELECT run_id, id, area, severity, outcome, subject, message, evidence, recommendation, remedy_kind,
       remedy_command, remedy_rollback, target, collected_at, details
FROM findings
WHERE run_id IN (SELECT value FROM json_each($1))
ORDER BY run_id, ordinal
