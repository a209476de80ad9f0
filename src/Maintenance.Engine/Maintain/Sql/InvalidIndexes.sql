-- Tables that have invalid indexes, other than those that are temporary for somebody else.
SELECT DISTINCT index.indrelid::bigint
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
WHERE NOT index.indisvalid AND NOT pg_is_other_temp_schema(class.relnamespace)
