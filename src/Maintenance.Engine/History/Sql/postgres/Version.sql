-- The version of the schema.
SELECT pg_catalog.max(version) FROM maintenance.schema_version
