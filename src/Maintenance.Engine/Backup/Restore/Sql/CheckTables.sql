-- For each table that amcheck can look through, a statement that counts what is wrong in it.
-- $1 schema of amcheck, quoted
SELECT pg_class.oid::bigint,
       format('%I.%I', nspname, relname),
       format('SELECT count(*), min(msg) FROM %s.verify_heapam(%s::oid::regclass, on_error_stop => false, check_toast => true)', $1::text, pg_class.oid)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'm', 't')
  AND relam = (SELECT oid FROM pg_am WHERE amname = 'heap')
  AND relpersistence <> 't'
  -- What initdb makes has smaller ones.
  AND pg_class.oid >= 16384
  AND EXISTS (SELECT FROM pg_proc WHERE proname = 'verify_heapam')
ORDER BY 1
