-- Sessions of this database that this role may not look at: what they hold is unknown.
SELECT count(*)::int
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = '<insufficient privilege>'
