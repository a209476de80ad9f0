-- Counters of this database since its statistics began; checksum failures of the whole server, shared objects included.
-- checksum_failures is null where data checksums are off.
SELECT d.blks_hit, d.blks_read, d.deadlocks, d.temp_files, d.temp_bytes, d.stats_reset,
       (SELECT sum(checksum_failures)::bigint FROM pg_stat_database)
FROM pg_stat_database d
WHERE d.datname = current_database()
