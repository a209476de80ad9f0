-- Statements that install amcheck into a schema of its own; none where the dump has brought it.
SELECT unnest(ARRAY['CREATE SCHEMA maintenance_amcheck', 'CREATE EXTENSION amcheck SCHEMA maintenance_amcheck'])
WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'amcheck')
