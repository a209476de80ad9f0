-- Transactions that use a table or its partition now, other than ours: a DETACH CONCURRENTLY would wait for them. $1 their OIDs
SELECT l.virtualtransaction || COALESCE(' ' || l.pid, ''), l.pid
FROM pg_catalog.pg_locks AS l
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND l.relation = ANY (($1::bigint[])::oid[])
  AND l.granted
  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
GROUP BY 1, 2
