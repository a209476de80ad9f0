-- The auditor answers for security and data protection: the catalogue's checks, the access review, personal data, row security tried out, compliance.
-- It reads every row, which such an audit takes, and is meant to log in for as long as one lasts.
-- Run it in each database that is audited, as a superuser. It may be run again. Afterwards give the role a password, in psql: \password maintenance_auditor
-- When the audit is over: ALTER ROLE maintenance_auditor NOLOGIN;
-- docs/privileges.md says what each cmdlet needs.

DO $$
BEGIN
    IF to_regrole('maintenance_auditor') IS NULL THEN
        CREATE ROLE maintenance_auditor;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO maintenance_auditor', current_database());
END $$;

-- What is looked at must not be changed by mistake. BYPASSRLS, as what row security hides has to be seen by who judges it.
ALTER ROLE maintenance_auditor LOGIN BYPASSRLS;
ALTER ROLE maintenance_auditor SET default_transaction_read_only = on;

-- Hidden settings, sessions and sizes.
GRANT pg_monitor TO maintenance_auditor;

-- The rules of pg_hba.conf. Whether passwords are kept as MD5 hashes takes a look at the hashes: grant that only while you need it,
--   GRANT SELECT (oid, rolpassword) ON pg_catalog.pg_authid TO maintenance_auditor;
GRANT SELECT ON pg_catalog.pg_hba_file_rules TO maintenance_auditor;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO maintenance_auditor;

-- Every table, for personal data and compliance. PostgreSQL 13 has no role for it.
DO $$
DECLARE
    schema text;
BEGIN
    IF to_regrole('pg_read_all_data') IS NOT NULL THEN
        GRANT pg_read_all_data TO maintenance_auditor;
    ELSE
        FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO maintenance_auditor', schema);
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO maintenance_auditor', schema);
        END LOOP;
    END IF;
END $$;

-- Row security is tried out as the roles that requests come as, and to become one takes membership. From PostgreSQL 16 on nothing is inherited by it;
-- before, the auditor may do what they may, and only default_transaction_read_only keeps that from happening by mistake.
DO $$
DECLARE
    subject text;
BEGIN
    FOREACH subject IN ARRAY ARRAY['anon', 'authenticated'] LOOP
        IF to_regrole(subject) IS NOT NULL THEN
            EXECUTE format('GRANT %I TO maintenance_auditor', subject)
                || CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
        END IF;
    END LOOP;
END $$;
