-- How many parameters the statement that was prepared has.
SELECT cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = 'maintenance_trial'
