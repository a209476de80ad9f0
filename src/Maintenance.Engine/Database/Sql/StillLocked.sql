-- Does this session still hold an advisory lock? Ours is the only one it ever takes.
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted)
