-- Indexes that no query uses, because they were not finished, and whether they are of a partitioned table: such are made of those of
-- its partitions, and are invalid until there is one for each.
SELECT format('%I.%I', nspname, relname), relkind = 'I'
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT indisvalid OR NOT indisready
ORDER BY 1
