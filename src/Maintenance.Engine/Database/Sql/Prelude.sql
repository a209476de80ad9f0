-- The first statement of every session: one round trip sets the safety limits and learns what the server is. Names are quoted (%I) where
-- they need it, whatever the role has set, since what is kept in the history is found again by its name.
-- $1 application name, $2 lock timeout (ms), $3 statement timeout (ms), $4 idle-in-transaction timeout (ms),
-- $5 whether statements may be compiled, as the server has it
SELECT pg_catalog.set_config('application_name', $1, false),
       pg_catalog.set_config('lock_timeout', $2, false),
       pg_catalog.set_config('statement_timeout', $3, false),
       pg_catalog.set_config('idle_in_transaction_session_timeout', $4, false),
       pg_catalog.set_config('search_path', 'pg_catalog', false),
       pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.current_setting('server_version'),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.pg_backend_pid(),
       pg_catalog.current_database(),
       current_user::text,
       pg_catalog.set_config('quote_all_identifiers', 'off', false),
       CASE WHEN NOT $5 THEN pg_catalog.set_config('jit', 'off', false) END
