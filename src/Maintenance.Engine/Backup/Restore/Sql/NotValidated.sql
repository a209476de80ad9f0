-- Constraints that are not known to hold for all rows.
SELECT format('%I.%I: %I', nspname, relname, conname)
FROM pg_constraint
JOIN pg_class ON pg_class.oid = conrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT convalidated
  AND contype <> 't'
ORDER BY 1
