-- Names that begin with what was typed, for completion: the name, or schema.name. $1 kinds as in pg_class, $2 the beginning, $3 how many.
SELECT n.nspname::text, c.relname::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind::text = ANY ($1::text[])
  AND (starts_with(lower(c.relname), lower($2)) OR starts_with(lower(n.nspname || '.' || c.relname), lower($2)))
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY c.relname, n.nspname
LIMIT $3
