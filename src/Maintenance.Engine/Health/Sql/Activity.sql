-- Sessions that wait for a lock (visible to everyone in pg_locks), and the oldest open transaction of a client
-- (visible in full to roles with pg_read_all_stats alone). Our own session is left out.
SELECT (SELECT count(DISTINCT pid)::int FROM pg_locks WHERE NOT granted),
       (SELECT extract(epoch FROM max(clock_timestamp() - xact_start))::float8
        FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
          AND application_name NOT LIKE 'Maintenance/%')
