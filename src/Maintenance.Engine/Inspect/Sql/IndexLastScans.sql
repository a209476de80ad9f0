-- When indexes were last used (PostgreSQL 16 and later).
SELECT indexrelid::bigint, last_idx_scan FROM pg_stat_user_indexes WHERE last_idx_scan IS NOT NULL
