-- Asked first whether it is there: CREATE SCHEMA IF NOT EXISTS wants the right to create one even where nothing is to be created.
DO $$
BEGIN
    IF pg_catalog.to_regnamespace('maintenance_agent') IS NULL THEN
        CREATE SCHEMA IF NOT EXISTS maintenance_agent;
    END IF;
END
$$
