-- Sequences that were used.
SELECT pg_catalog.format('%I.%I', schemaname, sequencename) AS name, last_value, max_value
FROM pg_catalog.pg_sequences
WHERE last_value IS NOT NULL AND schemaname !~ '^pg_'
ORDER BY 1
