-- The largest tables with their indexes and TOAST. $1 how many.
SELECT format('%I.%I', namespace.nspname, class.relname), pg_total_relation_size(class.oid) AS bytes
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind IN ('r', 'm') AND namespace.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT pg_is_other_temp_schema(namespace.oid)
ORDER BY bytes DESC NULLS LAST, 1
LIMIT $1
