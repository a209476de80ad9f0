-- The query for a value of a column that is not among its most common ones, which it takes as $1, an array of text. Names are quoted here. Only of types
-- of PostgreSQL itself and of enums: writing others as text may run anybody's code. $1 schema, $2 table, $3 column
SELECT format('SELECT %1$I::text FROM %2$I.%3$I WHERE %1$I IS NOT NULL AND %1$I::text <> ALL ($1::text[]) LIMIT 1', attribute.attname, $1::text, $2::text)
FROM pg_attribute AS attribute
JOIN pg_type AS type ON type.oid = attribute.atttypid
WHERE attribute.attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attribute.attname = $3
  AND (type.typtype = 'e' OR (type.typtype = 'b' AND type.typnamespace = 'pg_catalog'::regnamespace)) AND type.typcategory <> 'A'
