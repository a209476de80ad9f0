-- How many parameters the statement that was prepared has. Nothing here may be found by a search path, which is another's.
SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name OPERATOR(pg_catalog.=) 'maintenance_trial'::pg_catalog.text
