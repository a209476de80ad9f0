-- The numbers in the names of temporary schemas, and the sessions of this database that have them.
SELECT id, pg_stat_get_backend_pid(id)
FROM pg_stat_get_backend_idset() AS id
WHERE pg_stat_get_backend_dbid(id) = (SELECT oid FROM pg_database WHERE datname = current_database())
