-- What every sandbox has besides its data. The role for tests of least privilege gets the administrator's password,
-- as the verifier that is stored already: no statement ever holds the password's text.
CREATE EXTENSION pg_stat_statements;
CREATE ROLE maintenance_monitor LOGIN;
GRANT pg_monitor TO maintenance_monitor;
DO $$
BEGIN
    EXECUTE format('ALTER ROLE maintenance_monitor PASSWORD %L', (SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'));
END
$$;
