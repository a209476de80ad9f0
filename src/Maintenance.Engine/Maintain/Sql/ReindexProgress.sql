-- How far our rebuilds are. $1 our server processes.
SELECT pid,
       phase,
       CASE WHEN blocks_total > 0 THEN (100 * blocks_done / blocks_total)::int WHEN tuples_total > 0 THEN (100 * tuples_done / tuples_total)::int END,
       nullif(current_locker_pid, 0)
FROM pg_stat_progress_create_index
WHERE pid = ANY ($1)
