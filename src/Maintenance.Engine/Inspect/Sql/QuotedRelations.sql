-- Names of relations, quoted by the server. $1 their identifiers.
SELECT class.oid::bigint, format('%I.%I', namespace.nspname, class.relname)
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.oid = ANY ($1::bigint[]::oid[])
