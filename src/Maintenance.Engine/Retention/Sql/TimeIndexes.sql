-- Indexes that lead through a table in the order of its time column: valid b-trees over all rows. $1 its OID, $2 number of the column
SELECT pg_catalog.format('%I', c.relname)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE i.indrelid = $1::bigint::oid
  AND i.indkey[0] = $2::int
  AND i.indisvalid AND i.indisready AND i.indislive
  AND i.indpred IS NULL
  AND m.amname = 'btree'
ORDER BY i.indnkeyatts, c.relname
