-- Foreign keys of other tables that refer to this one. $1 its OID
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.quote_ident(r.conname),
       r.confdeltype::text,
       -- Without it each row that goes makes the server read that whole table.
       EXISTS (
           SELECT FROM pg_catalog.pg_index AS i
           WHERE i.indrelid = r.conrelid AND i.indisvalid AND i.indpred IS NULL
             AND (i.indkey::int2[])[0:pg_catalog.cardinality(r.conkey) - 1] @> r.conkey),
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.ordinality)
        FROM pg_catalog.unnest(r.conkey) WITH ORDINALITY AS k (attnum, ordinality)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.conrelid AND a.attnum = k.attnum)
FROM pg_catalog.pg_constraint AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE r.contype = 'f' AND r.confrelid = $1::bigint::oid AND r.conparentid = 0
ORDER BY 1, 2
