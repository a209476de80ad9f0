-- What roles own (o), and what was granted to them (a) or mentions them in a policy (r), in every database: PostgreSQL keeps this list for the whole server.
-- It does not list the roles that initdb made. Only in this database can be told what kind of relation it is.
SELECT d.refobjid::bigint,
       d.deptype::text,
       db.datname::text,
       d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()),
       coalesce(
           CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' END,
           CASE d.classid::regclass::text
               WHEN 'pg_class' THEN 'relation' WHEN 'pg_proc' THEN 'function' WHEN 'pg_namespace' THEN 'schema' WHEN 'pg_database' THEN 'database'
               WHEN 'pg_type' THEN 'type' WHEN 'pg_tablespace' THEN 'tablespace' WHEN 'pg_language' THEN 'language' WHEN 'pg_foreign_server' THEN 'server'
               WHEN 'pg_foreign_data_wrapper' THEN 'foreign-data wrapper' WHEN 'pg_largeobject' THEN 'large object' WHEN 'pg_default_acl' THEN 'default privileges'
               WHEN 'pg_policy' THEN 'policy' WHEN 'pg_user_mapping' THEN 'user mapping' WHEN 'pg_publication' THEN 'publication'
               WHEN 'pg_subscription' THEN 'subscription' WHEN 'pg_parameter_acl' THEN 'parameter' WHEN 'pg_event_trigger' THEN 'event trigger'
               WHEN 'pg_extension' THEN 'extension' ELSE replace(substr(d.classid::regclass::text, 4), '_', ' ') END),
       -- Columns that something was granted on count as their table.
       count(DISTINCT (d.classid, d.objid))
FROM pg_shdepend AS d
LEFT JOIN pg_database AS db ON db.oid = d.dbid
LEFT JOIN pg_class AS c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass AND db.datname = current_database()
WHERE d.refclassid = 'pg_authid'::regclass AND d.classid <> 'pg_auth_members'::regclass AND d.deptype IN ('o', 'a', 'r')
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3 NULLS FIRST, 5
