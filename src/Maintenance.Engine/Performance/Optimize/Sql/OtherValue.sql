-- The query for a value of a column that is not among its most common ones, which it takes as $1, an array of text. Names are quoted here. Columns only of
-- types of PostgreSQL itself and of enums: writing others as text may run anybody's code. $1 schema, $2 table, $3 column, $4 it is an expression
SELECT format('SELECT pg_catalog.format(''%%s'', %1$s) FROM %2$I.%3$I WHERE %1$s IS NOT NULL AND pg_catalog.format(''%%s'', %1$s) <> ALL ($1::text[]) LIMIT 1', CASE WHEN $4::boolean THEN format('(%s)', $3::text) ELSE quote_ident($3::text) END, $1::text, $2::text)
WHERE $4::boolean OR EXISTS (
  SELECT
  FROM pg_attribute AS attribute
  JOIN pg_type AS type ON type.oid = attribute.atttypid
  WHERE attribute.attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attribute.attname = $3
    AND (type.typtype = 'e' OR (type.typtype = 'b' AND type.typnamespace = 'pg_catalog'::regnamespace)) AND type.typcategory <> 'A')
