-- Statements that make the roles that a dump speaks of, where they are missing, and superusers of those that must be; nobody can log in as one.
-- $1 names, $2 superusers among them
SELECT format(CASE WHEN rolname IS NULL THEN 'CREATE ROLE %I NOLOGIN%s' ELSE 'ALTER ROLE %I%s' END, name, CASE WHEN name = ANY ($2::text[]) THEN ' SUPERUSER' END)
FROM unnest($1::text[]) AS name
LEFT JOIN pg_roles ON rolname = name
WHERE name NOT LIKE 'pg\_%'
  AND (rolname IS NULL OR (name = ANY ($2::text[]) AND NOT rolsuper))
