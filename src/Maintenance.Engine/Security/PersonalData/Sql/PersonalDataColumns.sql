-- Columns of relations, with what their types are at bottom: t text, n number, i address of a network, j JSON, a array of texts, d time, o another.
-- $1 relations
WITH RECURSIVE bases AS (
    SELECT t.oid AS declared, t.oid, t.typtype, t.typbasetype FROM pg_type AS t WHERE t.typtype = 'd'
    UNION ALL
    SELECT b.declared, t.oid, t.typtype, t.typbasetype FROM bases AS b JOIN pg_type AS t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
)
SELECT a.attrelid::bigint,
       a.attnum,
       a.attname::text,
       quote_ident(a.attname),
       format_type(a.atttypid, a.atttypmod),
       d.typname::text,
       t.typname::text,
       CASE WHEN t.typcategory = 'S' AND t.typtype = 'b' THEN 't'
            WHEN t.typname IN ('int4', 'int8', 'numeric') THEN 'n'
            WHEN t.typname IN ('inet', 'cidr') THEN 'i'
            WHEN t.typname IN ('json', 'jsonb', 'hstore') THEN 'j'
            WHEN t.typcategory = 'A' AND e.typcategory = 'S' AND e.typtype = 'b' THEN 'a'
            WHEN t.typname IN ('date', 'timestamp', 'timestamptz') THEN 'd'
            ELSE 'o' END,
       coalesce(has_table_privilege(a.attrelid, 'SELECT'), false) OR coalesce(has_column_privilege(a.attrelid, a.attnum, 'SELECT'), false),
       c.description,
       format('GRANT SELECT (%I) ON %s TO %I;', a.attname, format('%I.%I', n.nspname, r.relname), current_user)
FROM pg_attribute AS a
JOIN pg_class AS r ON r.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = r.relnamespace
JOIN pg_type AS d ON d.oid = a.atttypid
LEFT JOIN bases AS b ON b.declared = a.atttypid AND b.typtype <> 'd'
JOIN pg_type AS t ON t.oid = coalesce(b.oid, a.atttypid)
LEFT JOIN pg_type AS e ON e.oid = t.typelem
LEFT JOIN pg_description AS c ON c.classoid = 'pg_class'::regclass AND c.objoid = a.attrelid AND c.objsubid = a.attnum
WHERE a.attrelid = ANY ($1::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
