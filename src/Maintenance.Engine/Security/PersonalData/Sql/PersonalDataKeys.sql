-- Foreign keys between tables, those of partitions left out: theirs are their tables'.
SELECT k.conrelid::bigint,
       k.confrelid::bigint,
       format('%s.(%s)', format('%I.%I', n.nspname, c.relname), (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, o) JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum)),
       format('%I.%I', f.nspname, r.relname),
       k.confdeltype::text
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS r ON r.oid = k.confrelid
JOIN pg_namespace AS f ON f.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT c.relispartition
