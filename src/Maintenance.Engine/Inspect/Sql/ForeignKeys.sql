-- Foreign keys of ordinary schemas, those of partitions too: there each constraint has a parent.
SELECT k.oid::bigint, k.conparentid::bigint, k.conname::text, k.conrelid::bigint, k.confrelid::bigint, k.conkey,
       ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY AS part (attnum, position)
             JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = part.attnum ORDER BY part.position),
       ARRAY(SELECT a.attcollation::bigint FROM unnest(k.conkey) WITH ORDINALITY AS part (attnum, position)
             JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = part.attnum ORDER BY part.position)
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY k.oid
