-- Unique indexes to which two nulls are the same (PostgreSQL 15 and later).
SELECT indexrelid::bigint FROM pg_index WHERE indnullsnotdistinct
