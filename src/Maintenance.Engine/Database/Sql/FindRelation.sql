-- A relation by its OID ($1) or by schema ($2, null for any) and name ($3). Temporary tables of other sessions and foreign tables are none of ours.
SELECT class.oid::bigint, namespace.nspname::text, class.relname::text, class.relkind::text, index.indrelid::bigint
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN pg_index AS index ON index.indexrelid = class.oid
WHERE class.relkind IN ('r', 'p', 'm', 't', 'i', 'I')
  AND NOT pg_is_other_temp_schema(class.relnamespace)
  AND ($1::bigint IS NULL OR class.oid = $1::bigint::oid)
  AND ($2::text IS NULL OR namespace.nspname = $2)
  AND ($3::text IS NULL OR class.relname = $3)
ORDER BY 2, 3
