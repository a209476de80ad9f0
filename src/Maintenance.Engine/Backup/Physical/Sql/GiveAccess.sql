DO $give$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'postgres') THEN
        CREATE ROLE postgres;
    END IF;
    ALTER ROLE postgres RESET ALL;
    ALTER ROLE postgres WITH SUPERUSER LOGIN CONNECTION LIMIT -1 PASSWORD '$password$' VALID UNTIL 'infinity';
END
$give$;

