-- Which of some indexes are still there, and valid, with their size, and how often they were read since statistics are counted. $1 their schemas, $2 their
-- names
SELECT wanted.number::int, class.oid::bigint, pg_relation_size(class.oid), coalesce(pg_stat_get_numscans(class.oid), 0)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (schema, name, number)
JOIN pg_namespace AS namespace ON namespace.nspname = wanted.schema
JOIN pg_class AS class ON class.relnamespace = namespace.oid AND class.relname = wanted.name
JOIN pg_index AS index ON index.indexrelid = class.oid AND index.indisvalid
