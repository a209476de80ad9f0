-- Extensions that this server could not install.
-- $1 names
SELECT wanted
FROM unnest($1::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = wanted)
