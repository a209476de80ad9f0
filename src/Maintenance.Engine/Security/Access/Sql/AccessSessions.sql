-- Sessions of each role: how many, how many of them are hidden from this role, how many seconds ago one of the others did something last,
-- and from how many addresses they come. A hidden session tells whose it is and no more, not even what it is.
SELECT usesysid::bigint,
       count(*)::int,
       count(*) FILTER (WHERE backend_type IS NULL)::int,
       min(CASE WHEN state = 'active' OR backend_type = 'walsender' THEN 0 ELSE extract(epoch FROM clock_timestamp() - greatest(state_change, backend_start)) END)::float8,
       count(DISTINCT client_addr)::int
FROM pg_stat_activity
WHERE usesysid IS NOT NULL
  AND (backend_type IN ('client backend', 'walsender')
       OR (backend_type IS NULL AND (datid IS NOT NULL OR pid IN (SELECT r.pid FROM pg_stat_replication AS r))))
GROUP BY usesysid
