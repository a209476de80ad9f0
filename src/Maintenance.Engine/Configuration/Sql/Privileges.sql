-- What the connected role may do, as far as cmdlets need it. Identifiers come back quoted, ready for a GRANT.
SELECT pg_catalog.quote_ident(current_user) AS role,
       pg_catalog.quote_ident(pg_catalog.current_database()) AS database,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS reads_all_statistics,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_settings', 'USAGE') AS reads_all_settings,
       s.oid IS NOT NULL AS has_statements,
       COALESCE(pg_catalog.quote_ident(n.nspname), '') AS statements_schema,
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_table_privilege(v.oid, 'SELECT'), false) AS reads_statements,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
         OR EXISTS (SELECT 1 FROM pg_catalog.pg_namespace m
                    WHERE m.nspname = 'maintenance' AND pg_catalog.has_schema_privilege(m.oid, 'CREATE')) AS keeps_history,
       pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'USAGE') AS signals_sessions,
       NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class r
                   JOIN pg_catalog.pg_namespace p ON p.oid = r.relnamespace
                   WHERE r.relkind IN ('r', 'p', 'S') AND p.nspname !~ '^pg_' AND p.nspname <> 'information_schema'
                     AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                                     WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = r.oid AND e.deptype = 'e')
                     AND NOT (pg_catalog.has_schema_privilege(p.oid, 'USAGE')
                              AND CASE WHEN r.relkind = 'S' THEN pg_catalog.has_sequence_privilege(r.oid, 'SELECT')
                                       ELSE pg_catalog.has_table_privilege(r.oid, 'SELECT') END)) AS reads_all_data,
       NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class r WHERE r.relkind = 'r' AND r.relrowsecurity AND pg_catalog.row_security_active(r.oid)) AS sees_all_rows,
       pg_catalog.current_setting('server_version_num')::int / 10000 AS major_version,
       -- As Get-DbBloat asks: statistics of a column are shown to who may read it.
       NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class r
                   JOIN pg_catalog.pg_namespace p ON p.oid = r.relnamespace
                   WHERE r.relkind IN ('r', 'm') AND p.nspname !~ '^pg_' AND p.nspname <> 'information_schema'
                     AND NOT pg_catalog.has_any_column_privilege(r.oid, 'SELECT')) AS reads_all_tables
FROM (SELECT 1) one
LEFT JOIN pg_catalog.pg_extension s ON s.extname = 'pg_stat_statements'
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = s.extnamespace
LEFT JOIN pg_catalog.pg_class v ON v.relnamespace = n.oid AND v.relname = 'pg_stat_statements' AND v.relkind = 'v'
