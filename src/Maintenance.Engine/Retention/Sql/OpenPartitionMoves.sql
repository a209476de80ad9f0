-- Moves of partitions that did not come to their end, and where the partitions are now
SELECT m.id,
       m.action,
       m.table_oid::bigint,
       m.table_name,
       m.partition_oid::bigint,
       m.partition_name,
       m.bound,
       m.destination,
       -- The table that a policy names, above it.
       COALESCE(pg_catalog.pg_partition_root(m.table_oid::regclass)::oid, m.table_oid)::bigint
FROM maintenance.partition_moves AS m
WHERE m.done_at IS NULL
ORDER BY m.registered_at, m.partition_name
