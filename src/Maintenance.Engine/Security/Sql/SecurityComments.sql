-- Comments that could hold a secret: the pattern is wide, what is one is decided later.
-- $1 pattern
SELECT pg_describe_object(classoid, objoid, objsubid), description, false
FROM pg_description
WHERE objoid >= 16384 AND description ~* $1
UNION ALL
SELECT pg_describe_object(classoid, objoid, 0), description, true
FROM pg_shdescription
WHERE description ~* $1
