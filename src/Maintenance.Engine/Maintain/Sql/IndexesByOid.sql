-- What indexes ($1, OIDs) are called, and whose they are; is_plain: without expressions and predicate.
SELECT class.oid::bigint, namespace.nspname::text, class.relname::text, class.relkind::text, index.indrelid::bigint,
       index.indexprs IS NULL AND index.indpred IS NULL AS is_plain
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE index.indexrelid = ANY ($1::bigint[]::oid[])
