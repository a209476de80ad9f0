-- For the rest of the transaction: plans that do not depend on parameters and are comparable, made where the application looks for names.
-- $1 search path, $2 the longest time for one statement (ms), $3 whether partitions may be left out
SELECT pg_catalog.set_config('search_path', $1, true),
       pg_catalog.set_config('statement_timeout', $2, true),
       pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true),
       pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),
       pg_catalog.set_config('enable_partition_pruning', $3, true)
