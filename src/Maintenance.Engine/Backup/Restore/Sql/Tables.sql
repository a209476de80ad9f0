-- Tables that hold rows themselves, and a statement that counts them.
SELECT nspname, relname, format('SELECT count(*) FROM ONLY %I.%I', nspname, relname)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r'
  AND relpersistence <> 't'
  AND nspname NOT IN ('pg_catalog', 'information_schema', 'maintenance_amcheck')
  AND nspname NOT LIKE 'pg\_toast%'
ORDER BY 1, 2
