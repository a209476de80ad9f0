-- For each sequence of a column, a statement that tells whether the column is ahead of it.
SELECT format('%I.%I', sequence_schema.nspname, sequence.relname),
       format(
           'SELECT coalesce(max(t.%I) > (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %I.%I), false) FROM %I.%I AS t',
           attname, sequence_schema.nspname, sequence.relname, table_schema.nspname, owner.relname)
FROM pg_depend
JOIN pg_class AS sequence ON sequence.oid = objid AND sequence.relkind = 'S'
JOIN pg_namespace AS sequence_schema ON sequence_schema.oid = sequence.relnamespace
JOIN pg_sequence ON seqrelid = sequence.oid AND seqincrement > 0 AND NOT seqcycle
JOIN pg_class AS owner ON owner.oid = refobjid
JOIN pg_namespace AS table_schema ON table_schema.oid = owner.relnamespace
JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
WHERE classid = 'pg_class'::regclass
  AND refclassid = 'pg_class'::regclass
  AND deptype IN ('a', 'i')
ORDER BY 1
