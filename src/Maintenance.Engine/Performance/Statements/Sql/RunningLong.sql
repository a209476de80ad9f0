-- Statements that run right now, and since when: all there is to see where nobody counts. $1 least age (ms), $2 longest text (characters)
SELECT extract(epoch FROM clock_timestamp() - query_start)::float8 * 1000, left(query, $2)
FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND query IS NOT NULL AND query <> '<insufficient privilege>'
  AND clock_timestamp() - query_start > $1 * interval '1 millisecond'
ORDER BY query_start
LIMIT 5
