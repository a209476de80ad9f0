-- What rebuilding a table's indexes means: its b-trees. $1 OIDs of tables.
SELECT index.indexrelid::bigint
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
JOIN pg_am AS method ON method.oid = class.relam
WHERE index.indrelid = ANY ($1::bigint[]::oid[]) AND method.amname = 'btree'
ORDER BY class.relname
