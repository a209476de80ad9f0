-- The query for the value of a column in a row that is joined by a key, which it takes as $1. Names are quoted here. Columns only of types of PostgreSQL
-- itself and of enums: writing others as text may run anybody's code. $1 schema, $2 table, $3 key column, $4 wanted column, $5 it is an expression
SELECT format('SELECT pg_catalog.format(''%%s'', %1$s) FROM %2$I.%3$I WHERE %4$I = $1 AND %1$s IS NOT NULL LIMIT 1', CASE WHEN $5::boolean THEN format('(%s)', $4::text) ELSE quote_ident($4::text) END, $1::text, $2::text, $3::text)
WHERE $5::boolean OR EXISTS (
  SELECT
  FROM pg_attribute AS attribute
  JOIN pg_type AS type ON type.oid = attribute.atttypid
  WHERE attribute.attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attribute.attname = $4
    AND (type.typtype = 'e' OR (type.typtype = 'b' AND type.typnamespace = 'pg_catalog'::regnamespace)) AND type.typcategory <> 'A')
