-- Who a concurrent rebuild would have to wait for, longest first. $1 OIDs of the tables and indexes, $2 our server processes,
-- $3 how many seconds are harmless. It waits for every older snapshot of the database, whatever tables it reads, and for whoever
-- has a lock on the table. A lazy VACUUM's snapshot and those of other databases it does not wait for. A prepared transaction has no
-- snapshot: it is in the way only by its locks, and then at any age, since nobody ends it by itself.
SELECT kind, relation, pid, name, role, state, since, seconds
FROM (
    SELECT 'Snapshot' AS kind, 0::bigint AS relation, session.pid, session.application_name AS name, session.usename::text AS role, session.state,
           session.xact_start AS since, extract(epoch FROM clock_timestamp() - session.xact_start)::float8 AS seconds
    FROM pg_stat_activity AS session
    WHERE session.datname = current_database() AND session.backend_xmin IS NOT NULL AND session.pid <> ALL ($2)
      AND session.backend_type <> 'autovacuum worker'
      AND session.xact_start < clock_timestamp() - make_interval(secs => $3)
      AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum AS vacuum WHERE vacuum.pid = session.pid)
    UNION ALL
    SELECT 'Lock', held.relation::bigint, session.pid, session.application_name, session.usename::text, session.state,
           session.xact_start, extract(epoch FROM clock_timestamp() - session.xact_start)::float8
    FROM pg_locks AS held
    JOIN pg_stat_activity AS session ON session.pid = held.pid
    WHERE held.locktype = 'relation' AND held.granted AND held.relation = ANY ($1::bigint[]::oid[]) AND held.pid <> ALL ($2)
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND session.xact_start < clock_timestamp() - make_interval(secs => $3)
    UNION ALL
    SELECT 'Prepared', held.relation::bigint, NULL, prepared.gid, prepared.owner::text, NULL,
           prepared.prepared, extract(epoch FROM clock_timestamp() - prepared.prepared)::float8
    FROM pg_prepared_xacts AS prepared
    -- Until the server restarts, its locks carry the number of the session that prepared it: its lock on itself says which.
    JOIN pg_locks AS itself ON itself.locktype = 'transactionid' AND itself.transactionid = prepared.transaction AND itself.pid IS NULL
    JOIN pg_locks AS held ON held.virtualtransaction = itself.virtualtransaction AND held.pid IS NULL
    WHERE held.locktype = 'relation' AND held.granted AND held.relation = ANY ($1::bigint[]::oid[])
      AND prepared.database = current_database()
) AS obstacles
ORDER BY seconds DESC
