-- The table that an index is to be built on. $1 its OID, $2 the index's name
SELECT namespace.nspname::text, class.relname::text, class.relkind::text, class.relpersistence::text,
       pg_has_role(class.relowner, 'USAGE'), has_schema_privilege(class.relnamespace, 'CREATE'),
       quote_ident(pg_get_userbyid(class.relowner)), quote_ident(current_user), quote_ident(namespace.nspname),
       pg_table_size(class.oid),
       EXISTS (SELECT FROM pg_class AS taken WHERE taken.relnamespace = class.relnamespace AND taken.relname = $2),
       format('%I.%I', namespace.nspname, class.relname)
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.oid = $1::bigint::oid
