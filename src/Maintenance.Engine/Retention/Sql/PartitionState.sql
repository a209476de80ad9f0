-- Where a partition is now. $1 its OID, $2 that of the table it left
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
       i.inhparent::bigint,
       COALESCE((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::boolean, false),
       (SELECT pg_catalog.format('%I.%I', pn.nspname, p.relname)
        FROM pg_catalog.pg_class AS p
        JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
        WHERE p.oid = $2::bigint::oid AND p.relkind = 'p'),
       COALESCE((SELECT p.partdefid <> 0 FROM pg_catalog.pg_partitioned_table AS p WHERE p.partrelid = $2::bigint::oid), false)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid
WHERE c.oid = $1::bigint::oid
