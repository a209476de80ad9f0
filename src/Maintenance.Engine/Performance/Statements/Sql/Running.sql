-- What runs this moment, and how many of it wait for locks of others (PostgreSQL 14, where compute_query_id is on; a role without pg_read_all_stats sees its own)
SELECT usesysid::bigint, datid::bigint, query_id, count(*), count(*) FILTER (WHERE wait_event_type = 'Lock')
FROM pg_stat_activity
WHERE state = 'active' AND query_id IS NOT NULL AND usesysid IS NOT NULL AND datid IS NOT NULL AND pid <> pg_backend_pid()
GROUP BY usesysid, datid, query_id
