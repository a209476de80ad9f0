-- The role of the application, with the administrator's password, as its verifier is stored.
DO $$
BEGIN
    IF to_regrole('checkout_api') IS NULL THEN
        CREATE ROLE checkout_api LOGIN;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO checkout_api;
        EXECUTE format('ALTER ROLE checkout_api PASSWORD %L', (SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'));
    END IF;
END
$$
