-- Statements that make the roles that a dump speaks of, where they are missing; nobody can log in as one.
-- $1 names
SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest($1::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
  AND name NOT LIKE 'pg\_%'
