-- Roles whose name begins with a text, whatever its case, those that people make first. $1 the text, $2 how many at most.
SELECT rolname::text
FROM pg_roles
WHERE starts_with(lower(rolname), lower($1))
ORDER BY rolname LIKE 'pg\_%', rolname
LIMIT $2
