-- The counters of every statement, from pg_stat_statements 1.8 (PostgreSQL 13).
-- Without the texts: those lie in a file that would be read in full. The columns are those of StatementCounts; rows whose id is hidden have NULL.
SELECT userid::bigint, dbid::bigint, queryid, true,
       calls::float8, total_exec_time, calls * (stddev_exec_time * stddev_exec_time + mean_exec_time * mean_exec_time), total_plan_time, rows::float8,
       (shared_blks_hit + local_blks_hit)::float8, (shared_blks_read + local_blks_read)::float8, (shared_blks_written + local_blks_written)::float8,
       (temp_blks_read + temp_blks_written)::float8, blk_read_time + blk_write_time, wal_bytes::float8,
       0::float8, 0::float8, NULL::timestamptz
FROM pg_stat_statements(false)
WHERE calls > 0
