-- Who holds a lock on a table, or on one of its indexes, that keeps maintenance away. $1 the table's OID
SELECT lock.pid, lock.mode, coalesce(nullif(session.application_name, ''), session.backend_type, '?'), session.usename::text, session.state
FROM pg_locks AS lock
LEFT JOIN pg_stat_activity AS session ON session.pid = lock.pid
WHERE lock.locktype = 'relation' AND lock.granted AND lock.pid <> pg_backend_pid() AND lock.relation = $1::int8::oid
  AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND lock.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
ORDER BY lock.mode = 'AccessExclusiveLock' DESC, lock.pid
LIMIT 1
