-- The statements of the sample itself: what reads and writes its tables. Those that set it up, dump it, answer for its functions, or look at
-- the server are none of them.
SELECT userid::bigint, dbid::bigint, queryid, mean_exec_time, stddev_exec_time,
       rows::float8 / calls, shared_blks_hit::float8 / calls, shared_blks_read::float8 / calls, wal_bytes::float8 / calls, query
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND queryid IS NOT NULL AND calls > 0
  AND query ~ '(public|shop)\.' AND query ~ '^(SELECT|WITH|INSERT|UPDATE)\y' AND query !~ 'pg_catalog|sandbox\.|jsonb_build_object|SELECT last_value'
ORDER BY queryid
