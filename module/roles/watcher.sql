-- The watcher looks at everything and changes nothing: health, bloat (measured, see below), indexes, sessions, replication, slow statements, capacity.
-- Run it in each database that is watched, as a superuser or as the role that owns the database where that may grant pg_monitor (Supabase's postgres).
-- It may be run again. Afterwards give the role a password, in psql: \password maintenance_watcher
-- docs/privileges.md says what each cmdlet needs.

DO $$
BEGIN
    IF to_regrole('maintenance_watcher') IS NULL THEN
        CREATE ROLE maintenance_watcher LOGIN;
    END IF;
    -- Connecting is the right of everybody, unless somebody has taken it away.
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO maintenance_watcher', current_database());
END $$;

-- Sessions, statements, settings, sizes and statistics of everybody; no row of any table.
GRANT pg_monitor TO maintenance_watcher;

-- Bloat is measured without reading a row: Get-DbBloat -Mode Verify, for what takes 1 MB and more, or -Mode Exact. To estimate it at once (-Mode Estimate, the
-- default) one needs the statistics of columns, which the server shows to nobody but who may read the tables. Without these two lines its rows are Unknown.
-- They open every row of every table to the watcher, also past row security: run them only where that may be. (PostgreSQL 13: GRANT SELECT on the tables.)
-- GRANT pg_read_all_data TO maintenance_watcher;
-- ALTER ROLE maintenance_watcher BYPASSRLS;

-- How near a sequence is to its end: its values, and no row of any table. Those made later take another run of this script.
DO $$
DECLARE
    sequence regclass;
BEGIN
    FOR sequence IN SELECT oid FROM pg_class WHERE relkind = 'S' AND relpersistence <> 't' LOOP
        BEGIN
            EXECUTE format('GRANT SELECT ON SEQUENCE %s TO maintenance_watcher', sequence);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'The owner of the sequence % has to grant SELECT on it: until then its end is Unknown.', sequence;
        END;
    END LOOP;
END $$;

-- Statements are counted and bloat is measured by these, where the server has them. pg_stat_statements must also be in shared_preload_libraries.
DO $$
DECLARE
    extension text;
BEGIN
    FOREACH extension IN ARRAY ARRAY['pg_stat_statements', 'pgstattuple'] LOOP
        IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = extension) THEN
            EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', extension);
        ELSE
            RAISE NOTICE 'The server does not have %: what it would tell is Unknown.', extension;
        END IF;
    END LOOP;
END $$;
