-- The actions of some runs, in their order. $1 the runs.
SELECT run_id, target, database, kind, schema, name, oid, owner_table, sql, lock, state, message, error, recommendation, attempts,
    size_before, size_after, predicted, predicted_from, started_at, duration, effect
FROM maintenance.actions
WHERE run_id = ANY ($1)
ORDER BY run_id, id
