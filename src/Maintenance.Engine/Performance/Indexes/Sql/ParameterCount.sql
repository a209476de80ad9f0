-- How many parameters a prepared statement of this session has. Nothing here may be found by a search path, which is another's. $1 its name.
SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name OPERATOR(pg_catalog.=) $1::pg_catalog.text
