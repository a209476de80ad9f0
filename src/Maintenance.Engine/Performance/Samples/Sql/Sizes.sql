-- How large this database is and all together, and how old the oldest transaction ids and multixacts of the server are. A size is null where
-- the role may not know it: it may connect to the database, or read all statistics.
SELECT pg_postmaster_start_time(),
       (SELECT CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size(oid) END
        FROM pg_database WHERE datname = current_database())::float8,
       (SELECT CASE WHEN bool_and(has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')) THEN sum(pg_database_size(oid)) END
        FROM pg_database)::float8,
       (SELECT max(age(datfrozenxid)) FROM pg_database)::float8,
       (SELECT max(mxid_age(datminmxid)) FROM pg_database)::float8
