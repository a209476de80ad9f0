-- The tables of the sample so that each comes after those it refers to, and the statements that copy one out and back in.
WITH RECURSIVE placed AS (
    SELECT c.oid, 0 AS depth
    FROM pg_catalog.pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace IN (to_regnamespace('auth'), to_regnamespace('public'))
    UNION
    SELECT r.conrelid, placed.depth + 1
    FROM placed
    JOIN pg_catalog.pg_constraint AS r ON r.confrelid = placed.oid AND r.contype = 'f' AND r.conrelid <> r.confrelid
)
SELECT pg_catalog.format('COPY %I.%I (%s) TO STDOUT', n.nspname, c.relname, a.columns) AS copy_out,
       pg_catalog.format('COPY %I.%I (%s) FROM stdin;', n.nspname, c.relname, a.columns) AS copy_in,
       CASE WHEN a.counter IS NOT NULL THEN
           pg_catalog.format('SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%L, %L), (SELECT max(%I) FROM %I.%I));',
                             pg_catalog.format('%I.%I', n.nspname, c.relname), a.counter, a.counter, n.nspname, c.relname)
       END AS set_counter
FROM (SELECT oid, max(depth) AS depth FROM placed GROUP BY oid) AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ' ORDER BY attnum) AS columns,
           max(attname) FILTER (WHERE attidentity <> '') AS counter
    FROM pg_catalog.pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
) AS a
ORDER BY t.depth, n.nspname, c.relname
