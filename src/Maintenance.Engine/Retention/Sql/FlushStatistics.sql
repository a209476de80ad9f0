-- What this session has counted becomes visible once it is idle. From PostgreSQL 15 on
SELECT pg_catalog.pg_stat_force_next_flush()
