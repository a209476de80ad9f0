-- The statement that drops a database, whoever is in it.
-- $1 its name
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text)
