-- What is restored must not decide which functions our own statements mean.
SELECT pg_catalog.set_config('search_path', 'pg_catalog', false),
       pg_catalog.set_config('statement_timeout', '0', false),
       pg_catalog.set_config('lock_timeout', '0', false),
       pg_catalog.set_config('row_security', 'on', false),
       -- Event triggers of the dump must not fire for what we make ourselves. Only superusers may say so.
       CASE
           WHEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
               THEN pg_catalog.set_config('session_replication_role', 'replica', false)
       END
