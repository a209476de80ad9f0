-- Whether a session is still there, and in which transaction. $1 process, $2 when it connected.
SELECT xact_start, state FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2
