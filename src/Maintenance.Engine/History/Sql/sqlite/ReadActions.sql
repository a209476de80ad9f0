-- The newest actions of a target. $1 target, $2 the earliest time, $3 how many.
SELECT run_id, target, database, kind, schema, name, oid, owner_table, sql, lock, state, message, error, recommendation, attempts,
    size_before, size_after, predicted, predicted_from, started_at, duration, effect
FROM actions
WHERE target = $1 AND started_at >= $2
ORDER BY started_at DESC, id DESC
LIMIT $3
