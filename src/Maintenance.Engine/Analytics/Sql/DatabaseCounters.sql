-- What the server has counted for this database. blks: 8 kB pages asked for, found in its cache and not
SELECT d.stats_reset, pg_postmaster_start_time(), (d.xact_commit + d.xact_rollback)::float8, d.blks_hit::float8, d.blks_read::float8
FROM pg_stat_database d
WHERE d.datname = current_database()
