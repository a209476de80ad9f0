-- Schemas whose name begins with what was typed, for completion. $1 the beginning, $2 how many.
SELECT nspname::text
FROM pg_namespace
WHERE starts_with(lower(nspname), lower($1)) AND nspname <> 'information_schema' AND nspname !~ '^pg_'
ORDER BY nspname
LIMIT $2
