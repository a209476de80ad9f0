-- Whether a history is there at all.
SELECT pg_catalog.to_regclass('maintenance.schema_version') IS NOT NULL
