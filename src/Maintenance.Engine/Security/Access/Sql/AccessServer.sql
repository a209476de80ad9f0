-- Who asks and what it may see. The system identifier is null where this role may not read it: the function is named in a text, since naming it would fail.
-- The last column: pg_stat_statements counts statements of every role, and no role or database is exempt.
SELECT current_database()::text,
       me.oid::bigint,
       quote_ident(me.rolname),
       pg_has_role(me.oid, 'pg_read_all_stats', 'USAGE'),
       pg_is_in_recovery(),
       CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
            THEN substring(query_to_xml('SELECT system_identifier AS i FROM pg_control_system()', false, false, '')::text FROM '<i>(-?[0-9]+)</i>')::bigint
       END,
       coalesce(current_setting('pg_stat_statements.track', true), 'none') <> 'none'
           AND NOT EXISTS (SELECT FROM pg_db_role_setting AS s, unnest(s.setconfig) AS setting WHERE setting LIKE 'pg\_stat\_statements.track=%')
FROM pg_roles AS me
WHERE me.rolname = current_user
