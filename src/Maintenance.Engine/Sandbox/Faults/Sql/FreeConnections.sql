-- How many sessions it takes until more than 95 % of the connections are taken, our own not counted.
SELECT floor(0.95 * (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                     - coalesce(current_setting('reserved_connections', true)::int, 0)))::int + 1 - count(*)::int
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name NOT LIKE 'Maintenance%' AND application_name NOT LIKE 'sandbox-%'
