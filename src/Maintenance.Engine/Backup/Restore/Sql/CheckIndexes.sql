-- For each index that amcheck can look through, a statement that fails if it is damaged, or lacks rows of its table.
-- $1 schema of amcheck, quoted
SELECT pg_class.oid::bigint,
       format('%I.%I', nspname, relname),
       format('SELECT %s.bt_index_parent_check(%s::oid::regclass, true)', $1::text, pg_class.oid)
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'i'
  AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree')
  AND relpersistence <> 't'
  AND indisvalid
  AND indisready
  -- What initdb makes has smaller ones.
  AND pg_class.oid >= 16384
ORDER BY 1
