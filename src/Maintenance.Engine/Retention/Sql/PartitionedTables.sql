-- Partitioned tables, and how they are divided. $1 their OIDs, $2 name of the time column
SELECT c.oid::bigint,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       -- By range, the time column first, in the order in which it is compared with the cut-off.
       p.partstrat = 'r' AND COALESCE(a.attname = $2::text AND o.opcdefault, false),
       p.partdefid <> 0,
       EXISTS (
           SELECT FROM pg_catalog.pg_inherits AS i
           WHERE i.inhparent = c.oid AND COALESCE((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::boolean, false)),
       pg_catalog.pg_get_partkeydef(c.oid),
       EXISTS (SELECT FROM pg_catalog.pg_constraint AS f WHERE f.contype = 'f' AND (f.conrelid = c.oid OR f.confrelid = c.oid)),
       EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS t WHERE t.schemaname = n.nspname AND t.tablename = c.relname)
FROM pg_catalog.pg_partitioned_table AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
LEFT JOIN pg_catalog.pg_opclass AS o ON o.oid = p.partclass[0]
WHERE c.oid = ANY (($1::bigint[])::oid[])
