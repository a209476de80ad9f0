-- The settings that checks judge, and every custom one. A setting that this role may not see is missing.
-- $1 names
SELECT name, setting, source, pending_restart
FROM pg_settings
WHERE name = ANY ($1) OR name LIKE '%.%'
