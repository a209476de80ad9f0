-- Who holds an advisory lock of this database. $1 high, $2 low half of the key, as the lock view shows them.
SELECT a.pid, a.application_name, a.usename::text, pg_catalog.host(a.client_addr), a.backend_start
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.classid::bigint = $1 AND l.objid::bigint = $2
