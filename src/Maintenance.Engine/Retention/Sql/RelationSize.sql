-- Bytes of a table, with its partitions. $1 its OID
SELECT COALESCE(sum(pg_catalog.pg_relation_size(t.relid)), 0)::bigint
FROM (
    SELECT p.relid FROM pg_catalog.pg_partition_tree($1::bigint::oid::regclass) AS p
    UNION
    SELECT $1::bigint::oid::regclass) AS t (relid)
