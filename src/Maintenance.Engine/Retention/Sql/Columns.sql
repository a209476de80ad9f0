-- The columns of a table, in their order. $1 its OID
SELECT a.attname::text,
       pg_catalog.quote_ident(a.attname),
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       a.atthasdef OR a.attidentity <> '',
       a.attgenerated <> '',
       a.attidentity = 'a',
       a.atttypid::bigint,
       a.atttypmod,
       -- Text that may be overwritten with other text.
       t.typcategory = 'S'
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
