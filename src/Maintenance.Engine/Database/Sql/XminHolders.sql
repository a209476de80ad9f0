-- Who keeps dead rows of this database from being removed, oldest snapshot first. Sessions of other databases do not: their
-- snapshots never see our rows. Slots and standbys hold back every database. A VACUUM's own snapshot holds nobody back.
-- $1 true: those of all databases, for what they share (the shared catalogues).
SELECT kind, name, pid, role, database, state, xmin_age, since, catalog_only
FROM (
    SELECT 'Backend' AS kind,
           coalesce(nullif(session.application_name, ''), session.backend_type, 'session') AS name,
           session.pid,
           session.usename::text AS role,
           session.datname::text AS database,
           session.state,
           greatest(age(session.backend_xmin), age(session.backend_xid))::bigint AS xmin_age,
           session.xact_start AS since,
           false AS catalog_only
    FROM pg_stat_activity AS session
    WHERE (session.datname = current_database() OR $1 AND session.datname IS NOT NULL)
      AND session.pid <> pg_backend_pid()
      AND coalesce(session.backend_xmin, session.backend_xid) IS NOT NULL
      AND session.backend_type <> 'autovacuum worker'
      AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum AS vacuum WHERE vacuum.pid = session.pid)
    UNION ALL
    SELECT 'PreparedTransaction', prepared.gid, NULL, prepared.owner::text, prepared.database::text, NULL, age(prepared.transaction)::bigint, prepared.prepared, false
    FROM pg_prepared_xacts AS prepared
    WHERE (prepared.database = current_database() OR $1)
    UNION ALL
    SELECT 'ReplicationSlot', slot.slot_name::text, slot.active_pid, NULL, slot.database::text,
           CASE WHEN slot.active THEN 'active' ELSE 'inactive' END, age(slot.xmin)::bigint, NULL, false
    FROM pg_replication_slots AS slot
    WHERE slot.xmin IS NOT NULL
    UNION ALL
    SELECT 'ReplicationSlot', slot.slot_name::text, slot.active_pid, NULL, slot.database::text,
           CASE WHEN slot.active THEN 'active' ELSE 'inactive' END, age(slot.catalog_xmin)::bigint, NULL, true
    FROM pg_replication_slots AS slot
    WHERE slot.catalog_xmin IS NOT NULL
    UNION ALL
    SELECT 'Standby', coalesce(nullif(standby.application_name, ''), 'standby'), standby.pid, standby.usename::text, NULL, standby.state,
           age(standby.backend_xmin)::bigint, standby.backend_start, false
    FROM pg_stat_replication AS standby
    WHERE standby.backend_xmin IS NOT NULL
) AS holders
ORDER BY xmin_age DESC, kind, name
