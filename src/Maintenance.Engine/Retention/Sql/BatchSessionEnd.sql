-- As the session was before it took batches. $1 lock_timeout
SELECT pg_catalog.set_config('lock_timeout', $1, false),
       pg_catalog.set_config(name, reset_val, false)
FROM pg_catalog.pg_settings
WHERE name IN ('enable_seqscan', 'jit', 'plan_cache_mode', 'work_mem')
