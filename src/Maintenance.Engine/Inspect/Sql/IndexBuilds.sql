-- Indexes that are being built right now. Of others' builds a role without pg_read_all_stats sees the process alone.
SELECT pid, coalesce(relid, 0)::bigint, coalesce(index_relid, 0)::bigint
FROM pg_stat_progress_create_index
WHERE datname = current_database()
