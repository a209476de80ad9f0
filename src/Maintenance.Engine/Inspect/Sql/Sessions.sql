-- Every other process of the server. Of sessions that the role may not look at only the first columns are there:
-- those have no backend_type. $1 longest statement text that is fetched.
SELECT activity.pid,
       activity.leader_pid,
       activity.datname::text,
       activity.usename::text,
       activity.application_name,
       activity.usesysid IS NOT NULL,
       coalesce(role.rolsuper, false),
       host(activity.client_addr),
       activity.backend_start,
       activity.backend_type,
       activity.state,
       activity.state_change,
       activity.xact_start,
       activity.query_start,
       activity.wait_event_type,
       activity.wait_event,
       age(activity.backend_xmin)::bigint,
       age(activity.backend_xid)::bigint,
       CASE WHEN activity.backend_type IS NOT NULL THEN left(activity.query, $1) END,
       EXISTS (SELECT FROM pg_replication_slots AS slot WHERE slot.active_pid = activity.pid),
       EXISTS (SELECT FROM pg_stat_progress_basebackup AS backup WHERE backup.pid = activity.pid),
       clock_timestamp()
FROM pg_stat_activity AS activity
LEFT JOIN pg_roles AS role ON role.oid = activity.usesysid
WHERE activity.pid <> pg_backend_pid()
