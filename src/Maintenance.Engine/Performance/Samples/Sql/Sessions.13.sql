-- Sessions by what they do. Their number is visible to everyone, what they do to roles with pg_read_all_stats alone. Sessions of this
-- module, in use or kept ready, are no load: whoever measures would see itself. Their names are hidden where they belong to another role.
SELECT count(*)::float8,
       (current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0))::float8,
       pg_has_role('pg_read_all_stats', 'USAGE'),
       (count(*) FILTER (WHERE state = 'active'))::float8,
       (count(*) FILTER (WHERE state LIKE 'idle in transaction%'))::float8,
       coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8,
       (SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted)::float8
FROM pg_stat_activity
WHERE coalesce(backend_type, 'client backend') = 'client backend' AND usesysid IS NOT NULL AND datid IS NOT NULL
  AND coalesce(application_name, '') !~ '^Maintenance(/|$)'
