-- Columns of relations, with what their types are at bottom: t text, x XML, n number, i address of a network, j JSON, a array of texts, c composite or list of something
-- else, r another that is read as the server writes it, d time, b binary, o one that cannot hold personal data as text.
-- A composite is read as JSON, for which the server calls casts to json that people made. Where there is one, it is read as the server writes it.
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
            WHEN t.typname = 'xml' THEN 'x'
            WHEN t.typtype = 'c' OR (t.typcategory = 'A' AND (e.typtype = 'c' OR e.typname IN ('int8', 'int4', 'numeric', 'date', 'timestamp', 'timestamptz')
                 OR (e.typtype <> 'e' AND e.typcategory NOT IN ('B', 'D', 'G', 'N', 'T', 'V') AND e.typname NOT IN ('bytea', 'uuid', 'macaddr', 'macaddr8'))))
                THEN CASE WHEN j.casts THEN 'r' ELSE 'c' END
            WHEN t.typcategory = 'V' OR t.typname = 'bytea' OR (t.typcategory = 'A' AND (e.typcategory = 'V' OR e.typname = 'bytea')) THEN 'b'
            WHEN t.typtype = 'e' OR t.typcategory IN ('A', 'B', 'D', 'G', 'N', 'T')
                 OR t.typname IN ('uuid', 'macaddr', 'macaddr8', 'geometry', 'geography', 'pg_lsn', 'xid', 'xid8', 'cid', 'tid', 'txid_snapshot', 'pg_snapshot') THEN 'o'
            ELSE 'r' END,
       coalesce(has_table_privilege(a.attrelid, 'SELECT'), false) OR coalesce(has_column_privilege(a.attrelid, a.attnum, 'SELECT'), false),
       c.description,
       format('GRANT SELECT (%I) ON %s TO %I;', a.attname, format('%I.%I', n.nspname, r.relname), current_user),
       a.attgenerated::text = 'v'
FROM pg_attribute AS a
JOIN pg_class AS r ON r.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = r.relnamespace
JOIN pg_type AS d ON d.oid = a.atttypid
LEFT JOIN bases AS b ON b.declared = a.atttypid AND b.typtype <> 'd'
JOIN pg_type AS t ON t.oid = coalesce(b.oid, a.atttypid)
LEFT JOIN pg_type AS e ON e.oid = t.typelem
CROSS JOIN (
    SELECT EXISTS (
        SELECT FROM pg_cast AS k
        WHERE k.casttarget = 'json'::regtype AND k.castmethod = 'f' AND k.castfunc >= 16384
          AND NOT EXISTS (SELECT FROM pg_depend AS x WHERE x.classid = 'pg_proc'::regclass AND x.objid = k.castfunc AND x.deptype = 'e')) AS casts
) AS j
LEFT JOIN pg_description AS c ON c.classoid = 'pg_class'::regclass AND c.objoid = a.attrelid AND c.objsubid = a.attnum
WHERE a.attrelid = ANY ($1::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
