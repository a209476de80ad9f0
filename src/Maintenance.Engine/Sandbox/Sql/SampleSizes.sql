-- Where the sample's history has to arrive: what the database measures now.
SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS database_size,
       (SELECT pg_catalog.sum(pg_catalog.pg_database_size(oid))::bigint FROM pg_catalog.pg_database) AS server_size,
       pg_catalog.current_setting('max_connections')::int - pg_catalog.current_setting('superuser_reserved_connections')::int
         - coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) AS max_connections,
       (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       (SELECT pg_catalog.max(pg_catalog.age(datfrozenxid))::bigint FROM pg_catalog.pg_database) AS xid_age,
       (SELECT pg_catalog.max(pg_catalog.mxid_age(datminmxid))::bigint FROM pg_catalog.pg_database) AS multixact_age
