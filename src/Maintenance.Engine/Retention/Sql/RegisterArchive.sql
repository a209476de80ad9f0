-- An archive, before anything of it is in the store.
INSERT INTO maintenance.archives (id, target, schema_name, table_name, store, prefix, time_column, time_column_type, cut_off, columns, server_version, claim, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::json, $11, $12, $13)
