SELECT jsonb_build_object('usage_percentage', least(100, round(
    100.0 * count(*) / (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int), 2)))
FROM pg_stat_activity
WHERE backend_type = 'client backend'
