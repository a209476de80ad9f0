-- From 14: since when pg_stat_statements counts, and how often it discarded statements for want of room.
SELECT stats_reset, dealloc::float8
FROM pg_stat_statements_info() AS info (dealloc, stats_reset)
