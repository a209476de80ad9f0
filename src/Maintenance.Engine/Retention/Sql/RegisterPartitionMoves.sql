-- Writes down which partitions are about to leave. $1 ids, $2 target, $3 action, $4 OIDs of their tables, $5 names of those, $6 their OIDs,
-- $7 their names, $8 bounds, $9 where they go to, or null
INSERT INTO maintenance.partition_moves (id, target, action, table_oid, table_name, partition_oid, partition_name, bound, destination)
SELECT m.id, $2, $3, m.table_oid::oid, m.table_name, m.partition_oid::oid, m.partition_name, m.bound, $9::text
FROM ROWS FROM (
    pg_catalog.unnest($1::uuid[]), pg_catalog.unnest($4::bigint[]), pg_catalog.unnest($5::text[]), pg_catalog.unnest($6::bigint[]),
    pg_catalog.unnest($7::text[]), pg_catalog.unnest($8::text[])) AS m (id, table_oid, table_name, partition_oid, partition_name, bound)
