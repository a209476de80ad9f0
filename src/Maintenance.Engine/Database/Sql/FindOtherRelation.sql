-- What else has the name: relations that hold no rows of their own, or that nothing can be done to. Parameters as in FindRelation.sql.
SELECT namespace.nspname::text, class.relname::text, class.relkind::text
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind IN ('f', 'v', 'S', 'c')
  AND NOT pg_is_other_temp_schema(class.relnamespace)
  AND ($1::bigint IS NULL OR class.oid = $1::bigint::oid)
  AND ($2::text IS NULL OR namespace.nspname = $2)
  AND ($3::text IS NULL OR class.relname = $3)
ORDER BY 1, 2
LIMIT 1
