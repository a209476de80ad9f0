-- What the server tells everyone, and whether this role may see other roles' activity.
-- Rows of others have no backend_type for a role without pg_read_all_stats; they still show whom they belong to.
SELECT pg_postmaster_start_time(),
       CASE WHEN has_database_privilege(current_database(), 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
            THEN pg_database_size(current_database()) END,
       (SELECT count(*)::int FROM pg_stat_activity
        WHERE coalesce(backend_type, 'client backend') = 'client backend'
          AND usesysid IS NOT NULL AND datid IS NOT NULL),
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       clock_timestamp()
