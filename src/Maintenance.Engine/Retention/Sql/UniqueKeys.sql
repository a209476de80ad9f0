-- The unique keys of a table whose values stand in its columns as they are. $1 its OID
SELECT pg_catalog.quote_ident(c.relname),
       ARRAY(
           SELECT a.attname::text
           FROM pg_catalog.unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, ordinality)
           JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
           ORDER BY k.ordinality)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = $1::bigint::oid AND i.indisunique AND i.indislive AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY 1
