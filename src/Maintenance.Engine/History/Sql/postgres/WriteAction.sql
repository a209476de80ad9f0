-- One action on one object.
INSERT INTO maintenance.actions (run_id, target, database, kind, schema, name, oid, owner_table, sql, lock, state, message, error, recommendation, attempts,
    size_before, size_after, predicted, predicted_from, started_at, duration, effect)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
