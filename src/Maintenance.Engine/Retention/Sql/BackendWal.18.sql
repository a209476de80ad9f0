-- WAL that this session has written so far, in bytes, as far as it was told: PostgreSQL tells it now and then.
SELECT wal_bytes::bigint FROM pg_catalog.pg_stat_get_backend_wal(pg_catalog.pg_backend_pid())
