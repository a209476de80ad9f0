-- For each name that was asked for: whether a relation that holds rows goes by it, and whether a foreign table, a view or another kind does.
-- $1 patterns of table names (LIKE), $2 patterns of schema names; an empty array for none.
SELECT asked.position::int, asked.is_schema,
       EXISTS (SELECT FROM pg_namespace n WHERE asked.is_schema AND n.nspname ILIKE asked.pattern),
       (SELECT array_agg(DISTINCT c.relkind::text)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT asked.is_schema AND c.relkind IN ('r', 'p', 'm', 'f', 'v')
          AND (c.relname ILIKE asked.pattern OR n.nspname || '.' || c.relname ILIKE asked.pattern OR format('%I.%I', n.nspname, c.relname) ILIKE asked.pattern))
FROM (SELECT t.pattern, t.position, false AS is_schema FROM unnest($1::text[]) WITH ORDINALITY AS t(pattern, position)
      UNION ALL
      SELECT s.pattern, s.position, true FROM unnest($2::text[]) WITH ORDINALITY AS s(pattern, position)) AS asked
ORDER BY asked.is_schema, asked.position
