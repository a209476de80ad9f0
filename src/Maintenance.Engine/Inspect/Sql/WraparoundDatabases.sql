-- Every database of the server. A connection limit of -2 marks one that an interrupted DROP DATABASE left behind.
SELECT datname::text, age(datfrozenxid)::bigint, mxid_age(datminmxid)::bigint, datallowconn, datconnlimit = -2, datname = current_database()
FROM pg_database
ORDER BY datname
