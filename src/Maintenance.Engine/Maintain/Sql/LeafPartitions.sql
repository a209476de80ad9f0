-- The leaves of partitioned tables or indexes ($1, OIDs), themselves if they have none.
SELECT DISTINCT leaf.relid::bigint
FROM unnest($1::bigint[]) AS root(oid)
CROSS JOIN LATERAL pg_partition_tree(root.oid::oid::regclass) AS leaf
WHERE leaf.isleaf
