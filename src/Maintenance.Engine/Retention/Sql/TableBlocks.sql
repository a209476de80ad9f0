-- How many blocks the table has, or the largest of its partitions. $1 its OID
SELECT COALESCE(max(pg_catalog.pg_relation_size(relid)), 0) / pg_catalog.current_setting('block_size')::bigint
FROM (SELECT relid::oid FROM pg_catalog.pg_partition_tree($1::bigint::oid::regclass) WHERE isleaf
      UNION
      SELECT $1::bigint::oid) AS tables (relid)
