-- Who asks, what the server is, how this session is protected; and, as JSON, what only some roles may read: null where this one may not.
-- A table that may not be read fails a whole statement as soon as it is named in it, so these are named in texts that run only where they may.
-- Of passwords nothing but their kind leaves the server.
SELECT current_database()::text,
       me.oid::bigint,
       quote_ident(me.rolname),
       current_setting('server_version_num')::int,
       coalesce(tls.ssl, false),
       tls.version,
       tls.cipher,
       inet_server_addr()::text,
       current_setting('pgrst.db_schemas', true),
       CASE WHEN has_column_privilege('pg_authid', 'rolpassword', 'SELECT') AND has_column_privilege('pg_authid', 'oid', 'SELECT')
            THEN query_to_xml(
                $$SELECT json_agg(json_build_object('Oid', oid::bigint, 'Kind', CASE WHEN rolpassword IS NULL THEN 'None' WHEN rolpassword LIKE 'md5%' THEN 'Md5' WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'Scram' ELSE 'Other' END)) AS j FROM pg_authid$$,
                false, false, '')::text
       END,
       CASE WHEN has_table_privilege('pg_hba_file_rules', 'SELECT') AND has_function_privilege('pg_hba_file_rules()', 'EXECUTE')
            THEN query_to_xml($$SELECT json_agg(r) AS j FROM pg_hba_file_rules AS r$$, false, false, '')::text
       END,
       CASE WHEN has_column_privilege('pg_subscription', 'subconninfo', 'SELECT')
            THEN query_to_xml(
                $$SELECT json_agg(json_build_object('Name', quote_ident(subname), 'Password', subconninfo ~* '(^|[[:space:]])password[[:space:]]*=|://[^/@[:space:]]*:[^/@[:space:]]+@')) AS j
                  FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())$$,
                false, false, '')::text
       END,
       (SELECT count(*) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())),
       jobs.oid IS NOT NULL,
       -- Its own row security shows a role its own jobs alone.
       CASE WHEN has_schema_privilege(jobs.relnamespace, 'USAGE') AND has_table_privilege(jobs.oid, 'SELECT') AND NOT row_security_active(jobs.oid)
            THEN query_to_xml($$SELECT json_agg(json_build_object('Job', jobid, 'Command', command)) AS j FROM cron.job$$, false, false, '')::text
       END,
       buckets.oid IS NOT NULL,
       CASE WHEN has_schema_privilege(buckets.relnamespace, 'USAGE') AND has_table_privilege(buckets.oid, 'SELECT') AND NOT row_security_active(buckets.oid)
            THEN query_to_xml($$SELECT json_agg(json_build_object('Id', id::text)) AS j FROM storage.buckets WHERE public$$, false, false, '')::text
       END
FROM pg_roles AS me
LEFT JOIN pg_stat_ssl AS tls ON tls.pid = pg_backend_pid()
-- Not by to_regclass: it fails on schemas that the role may not use.
LEFT JOIN (
    SELECT c.oid, c.relnamespace
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'cron' AND c.relname = 'job'
      AND 2 = (SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname IN ('jobid', 'command') AND NOT a.attisdropped)
) AS jobs ON true
LEFT JOIN (
    SELECT c.oid, c.relnamespace
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'storage' AND c.relname = 'buckets'
      AND 2 = (SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND (a.attname = 'id' OR (a.attname = 'public' AND a.atttypid = 'bool'::regtype)))
) AS buckets ON true
WHERE me.rolname = current_user
