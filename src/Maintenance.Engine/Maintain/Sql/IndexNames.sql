-- Indexes of users, as -Index takes them: the parts of a name are quoted only where they hold a dot or a quote.
SELECT concat_ws('.', VARIADIC ARRAY(
           SELECT CASE WHEN part ~ '[."]' THEN '"' || replace(part, '"', '""') || '"' ELSE part END
           FROM unnest(ARRAY[namespace.nspname::text, class.relname::text]) WITH ORDINALITY AS name(part, position) ORDER BY position))
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind IN ('i', 'I') AND class.oid >= 16384 AND namespace.nspname <> 'pg_toast' AND NOT pg_is_other_temp_schema(class.relnamespace)
ORDER BY 1
