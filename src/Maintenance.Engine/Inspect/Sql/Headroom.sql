-- Connections in use and their limits: of the server, and of databases and roles that have a limit of their own. What others'
-- sessions do is hidden from a role without pg_read_all_stats; that they are there is not.
WITH client AS (
    SELECT datid, usesysid, state
    FROM pg_stat_activity
    WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL AND usesysid IS NOT NULL
)
SELECT 'Server', NULL::text, count(*)::int,
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0),
       count(*) FILTER (WHERE state = 'active')::int,
       count(*) FILTER (WHERE state = 'idle')::int,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int,
       current_setting('max_connections')::int,
       current_setting('superuser_reserved_connections')::int,
       current_setting('reserved_connections', true)::int,
       pg_has_role('pg_read_all_stats', 'USAGE')
FROM client
UNION ALL
SELECT 'Database', base.datname::text, count(client.datid)::int, base.datconnlimit,
       count(*) FILTER (WHERE state = 'active')::int,
       count(*) FILTER (WHERE state = 'idle')::int,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int,
       NULL, NULL, NULL, pg_has_role('pg_read_all_stats', 'USAGE')
FROM pg_database AS base
LEFT JOIN client ON client.datid = base.oid
WHERE base.datconnlimit >= 0 AND base.datallowconn
GROUP BY base.oid, base.datname, base.datconnlimit
UNION ALL
SELECT 'Role', role.rolname::text, count(client.usesysid)::int, role.rolconnlimit,
       count(*) FILTER (WHERE state = 'active')::int,
       count(*) FILTER (WHERE state = 'idle')::int,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int,
       NULL, NULL, NULL, pg_has_role('pg_read_all_stats', 'USAGE')
FROM pg_roles AS role
LEFT JOIN client ON client.usesysid = role.oid
WHERE role.rolconnlimit >= 0 AND role.rolcanlogin
GROUP BY role.oid, role.rolname, role.rolconnlimit
ORDER BY 1 DESC, 2
