-- The partitions below a table, of all levels, and what decides whether one can go whole. $1 the table's OID, $2 that of the archive, or null
WITH RECURSIVE tree AS (
    SELECT i.inhrelid, i.inhparent, 1 AS depth, pg_catalog.to_jsonb(i) AS edge
    FROM pg_catalog.pg_inherits AS i
    WHERE i.inhparent = $1::bigint::oid
    UNION ALL
    SELECT i.inhrelid, i.inhparent, tree.depth + 1, pg_catalog.to_jsonb(i)
    FROM tree
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.inhrelid),
published AS MATERIALIZED (
    SELECT p.schemaname, p.tablename FROM pg_catalog.pg_publication_tables AS p)
SELECT c.oid::bigint,
       tree.inhparent::bigint,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.format('%s.%s', n.nspname, c.relname),
       COALESCE(pg_catalog.pg_get_expr(c.relpartbound, c.oid), ''),
       -- The column came with PostgreSQL 14.
       COALESCE((tree.edge ->> 'inhdetachpending')::boolean, false),
       c.relkind IN ('r', 'p'),
       pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       pg_catalog.row_security_active(c.oid),
       EXISTS (SELECT FROM pg_catalog.pg_constraint AS f WHERE f.contype = 'f' AND (f.conrelid = c.oid OR f.confrelid = c.oid)),
       -- tgtype: 8 delete
       EXISTS (
           SELECT FROM pg_catalog.pg_trigger AS t
           WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND (t.tgtype & 8) <> 0),
       EXISTS (
           SELECT FROM pg_catalog.pg_depend AS d
           WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.classid = 'pg_catalog.pg_rewrite'::regclass),
       EXISTS (SELECT FROM published AS p WHERE p.schemaname = n.nspname AND p.tablename = c.relname),
       $2::bigint IS NULL OR (
           -- The same columns, in whatever order, none of them stricter in the archive; and each of the archive's own checks.
           NOT EXISTS (
               SELECT
               FROM (SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS own
               FULL JOIN (SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = $2::bigint::oid AND attnum > 0 AND NOT attisdropped) AS other
                   ON other.attname = own.attname
               WHERE own.attname IS NULL OR other.attname IS NULL
                  OR own.atttypid <> other.atttypid OR own.atttypmod <> other.atttypmod OR own.attcollation <> other.attcollation
                  OR own.attgenerated <> other.attgenerated OR (other.attnotnull AND NOT own.attnotnull))
           AND NOT EXISTS (
               SELECT
               FROM pg_catalog.pg_constraint AS other
               WHERE other.conrelid = $2::bigint::oid AND other.contype = 'c' AND NOT other.connoinherit
                 AND NOT EXISTS (
                     SELECT
                     FROM pg_catalog.pg_constraint AS own
                     WHERE own.conrelid = c.oid AND own.contype = 'c' AND own.conname = other.conname AND own.convalidated
                       AND pg_catalog.pg_get_constraintdef(own.oid) = pg_catalog.pg_get_constraintdef(other.oid))))
FROM tree
JOIN pg_catalog.pg_class AS c ON c.oid = tree.inhrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY tree.depth, c.relname
