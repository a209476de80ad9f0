-- How a statement of somebody else is tried, until the end of the transaction: it can change nothing, and finds the names that it finds
-- with them. $1 search_path, $2 statement_timeout (ms), $3 plan_cache_mode
SELECT set_config('transaction_read_only', 'on', true), set_config('search_path', $1, true), set_config('statement_timeout', $2, true),
       set_config('lock_timeout', '1000', true), set_config('plan_cache_mode', $3, true)
