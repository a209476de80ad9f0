-- How the session takes batches. $1 lock_timeout, short because rows that we have locked already wait with us; $2 whether tables may be
-- read whole: where an index leads the way, a plan that does not follow it would read everything for each batch. Costs that are raised
-- by this must not make the server compile statements that take milliseconds. Plans are made once: ranges differ in nothing but values.
SELECT pg_catalog.set_config('lock_timeout', $1, false),
       pg_catalog.set_config('enable_seqscan', $2, false),
       pg_catalog.set_config('jit', 'off', false),
       pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', false),
       -- The rows of a batch stay in memory on their way.
       pg_catalog.set_config('work_mem', GREATEST(pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) / 1024, 32768)::text, false)
