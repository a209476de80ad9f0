-- The maintainer does what the schedule does: looks at everything, vacuums, analyzes, rebuilds and builds indexes, keeps retention, makes backups, and
-- ends sessions that are in the way. It is no superuser.
-- Run it in each database that is maintained, as a superuser: BYPASSRLS and memberships are given by nobody else.
-- It may be run again, after new owners of tables for example. Afterwards give the role a password, in psql: \password maintenance_maintainer
-- docs/privileges.md says what each cmdlet needs.

DO $$
BEGIN
    IF to_regrole('maintenance_maintainer') IS NULL THEN
        CREATE ROLE maintenance_maintainer LOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO maintenance_maintainer', current_database());
    -- Temporary tables are what archived rows come back through; the schema maintenance holds archives, and the history where that is in the database.
    EXECUTE format('GRANT TEMPORARY, CREATE ON DATABASE %I TO maintenance_maintainer', current_database());
END $$;

-- What the watcher has; and ending sessions of roles that are no superusers.
GRANT pg_monitor, pg_signal_backend TO maintenance_maintainer;

-- Backups and retention are of all rows, also of those that row security hides.
ALTER ROLE maintenance_maintainer BYPASSRLS;

-- Reading every table and sequence, for backups and for plans of statements. PostgreSQL 13 has no role for it.
DO $$
DECLARE
    schema text;
BEGIN
    IF to_regrole('pg_read_all_data') IS NOT NULL THEN
        GRANT pg_read_all_data TO maintenance_maintainer;
    ELSE
        FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO maintenance_maintainer', schema);
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO maintenance_maintainer', schema);
            EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO maintenance_maintainer', schema);
        END LOOP;
    END IF;
END $$;

-- Vacuuming, analyzing and rebuilding is a right of its own from PostgreSQL 17 on. Before, and for building or dropping indexes and for retention, the
-- role has to be a member of the roles that own the tables.
DO $$
DECLARE
    owner record;
BEGIN
    IF to_regrole('pg_maintain') IS NOT NULL THEN
        GRANT pg_maintain TO maintenance_maintainer;
    END IF;
    FOR owner IN
        SELECT role.rolname AS name, role.rolsuper AS is_superuser, count(*) AS tables
        FROM pg_class relation
        JOIN pg_namespace namespace ON namespace.oid = relation.relnamespace
        JOIN pg_roles role ON role.oid = relation.relowner
        WHERE relation.relkind IN ('r', 'p', 'm') AND relation.relpersistence <> 't'
            AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
            AND role.rolname <> 'maintenance_maintainer'
        GROUP BY role.rolname, role.rolsuper
    LOOP
        IF owner.is_superuser THEN
            RAISE NOTICE '% tables belong to the superuser %, which nobody should be a member of: give them an owner that is none, or leave them to pg_maintain.', owner.tables, owner.name;
        ELSE
            EXECUTE format('GRANT %I TO maintenance_maintainer', owner.name);
        END IF;
    END LOOP;
END $$;
