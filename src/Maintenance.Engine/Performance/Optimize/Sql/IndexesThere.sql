-- Which of some indexes are still there, and valid. $1 their schemas, $2 their names
SELECT wanted.number::int
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (schema, name, number)
WHERE EXISTS (
    SELECT FROM pg_index AS index
    JOIN pg_class AS class ON class.oid = index.indexrelid
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE index.indisvalid AND namespace.nspname = wanted.schema AND class.relname = wanted.name)
