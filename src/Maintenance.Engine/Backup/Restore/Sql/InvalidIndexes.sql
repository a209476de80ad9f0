-- Indexes that no query uses, because they were not finished.
SELECT format('%I.%I', nspname, relname)
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT indisvalid OR NOT indisready
ORDER BY 1
