-- Databases that can be connected to
SELECT datname::text FROM pg_database WHERE datallowconn ORDER BY datname
