-- How far our statements are. $1 our processes. PostgreSQL 17 also counts indexes.
SELECT pid, phase,
       heap_blks_total, CASE WHEN phase LIKE 'vacuuming heap' THEN heap_blks_vacuumed ELSE heap_blks_scanned END,
       indexes_total, indexes_processed
FROM pg_stat_progress_vacuum WHERE pid = ANY ($1)
UNION ALL
SELECT pid, 'analyzing: ' || phase, sample_blks_total, sample_blks_scanned, NULL, NULL
FROM pg_stat_progress_analyze WHERE pid = ANY ($1)
