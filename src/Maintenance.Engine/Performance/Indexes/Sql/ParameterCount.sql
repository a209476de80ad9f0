-- How many parameters a prepared statement of this session has. $1 its name.
SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = $1
