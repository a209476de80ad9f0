-- Maintenance of this database that is under way in sessions other than $1.
SELECT pid, 'VACUUM' AS command, coalesce(relid, 0)::bigint AS relation
FROM pg_stat_progress_vacuum
WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> ALL ($1)
UNION ALL
SELECT pid, coalesce(command, 'CREATE INDEX'), coalesce(relid, 0)::bigint
FROM pg_stat_progress_create_index
WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> ALL ($1)
UNION ALL
SELECT pid, coalesce(command, 'CLUSTER'), coalesce(relid, 0)::bigint
FROM pg_stat_progress_cluster
WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> ALL ($1)
