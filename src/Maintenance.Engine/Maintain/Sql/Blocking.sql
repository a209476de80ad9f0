-- Who waits for whom of us, directly, and whether that one of us waits for them in turn: a deadlock, which the server would end after
-- deadlock_timeout by an error of whoever looks first. $1 our processes: those that work and those that watch.
-- pg_locks is open to every role, so this works without pg_monitor; autovacuum, where we can tell it, waits without anybody's harm.
SELECT waiting.pid, blocker.pid, waiting.pid = ANY (pg_blocking_pids(blocker.pid))
FROM (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid <> ALL ($1)) AS waiting
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker(pid)
LEFT JOIN pg_stat_activity AS session ON session.pid = waiting.pid
WHERE blocker.pid = ANY ($1) AND session.backend_type IS DISTINCT FROM 'autovacuum worker'
