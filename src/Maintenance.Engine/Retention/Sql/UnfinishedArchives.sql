-- Archives that a run has left, oldest first.
SELECT id, target, schema_name, table_name, store, prefix, time_column, time_column_type, cut_off, columns::text, server_version, created_at
FROM maintenance.archives
WHERE finished_at IS NULL
ORDER BY created_at, id
