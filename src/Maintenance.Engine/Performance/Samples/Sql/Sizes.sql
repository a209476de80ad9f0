-- How large this database is and all together, and how old the oldest transaction ids and multixacts of the server are. A size is null where
-- the role may not know it: it may connect to the database, or read all statistics. Each is measured once: the server looks at every file.
WITH sizes AS MATERIALIZED (
    SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size(oid) END AS bytes
    FROM pg_database
)
SELECT pg_postmaster_start_time(),
       (SELECT bytes FROM sizes WHERE datname = current_database())::float8,
       (SELECT CASE WHEN bool_and(bytes IS NOT NULL) THEN sum(bytes) END FROM sizes)::float8,
       (SELECT max(age(datfrozenxid)) FROM pg_database)::float8,
       (SELECT max(mxid_age(datminmxid)) FROM pg_database)::float8
