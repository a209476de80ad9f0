-- Archives in a store that this database knows. $1 schema and $2 name of their table, or $3 their ids
SELECT id, schema_name, table_name, prefix, time_column, time_column_type, columns::text, manifest, manifest_sha256
FROM maintenance.archives
WHERE (schema_name = $1::text AND table_name = $2::text) OR id = ANY ($3::uuid[])
ORDER BY created_at, id
