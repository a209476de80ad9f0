-- Every table, materialized view and partitioned table, with its TOAST table beside it. The counters come from functions, not from
-- pg_stat_all_tables, which would add up all indexes. A size is read where rows were written since the last VACUUM and ANALYZE, which
-- know it otherwise; and only where nobody holds or waits for ACCESS EXCLUSIVE, because reading it takes a lock and would wait.
-- $1 the privilege that allows maintenance, null before PostgreSQL 17, when only owners may
WITH locked AS MATERIALIZED (
    SELECT relation FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
-- Owners with rights far beyond their tables: nobody should become a member of them to maintain one.
powerful AS MATERIALIZED (
    SELECT owner.oid FROM pg_roles AS owner
    WHERE owner.oid IN (SELECT relowner FROM pg_class)
      AND EXISTS (SELECT FROM pg_roles AS great
                  WHERE (great.rolsuper OR great.rolcreaterole OR great.rolbypassrls OR great.rolreplication
                      OR great.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
                    AND pg_has_role(owner.oid, great.oid, 'MEMBER'))
)
SELECT class.oid::int8,
       namespace.nspname::text,
       class.relname::text,
       format('%I.%I', namespace.nspname, class.relname),
       class.relkind::text,
       namespace.nspname = 'pg_catalog' OR namespace.nspname = 'information_schema' AS is_system,
       (SELECT inhparent::int8 FROM pg_inherits WHERE class.relispartition AND inhrelid = class.oid LIMIT 1) AS parent,
       CASE WHEN class.relkind = 'p' THEN 0
            WHEN (pg_stat_get_dead_tuples(class.oid) = 0 AND pg_stat_get_mod_since_analyze(class.oid) = 0 AND pg_stat_get_ins_since_vacuum(class.oid) = 0 AND class.relpages > 0)
              OR class.oid IN (SELECT relation FROM locked)
              OR class.reltoastrelid IN (SELECT relation FROM locked)
            THEN (class.relpages::int8 + coalesce(toast.relpages, 0)) * current_setting('block_size')::int8
            ELSE pg_table_size(class.oid) END AS size,
       class.reltuples::float8,
       class.relpages::int8,
       CASE WHEN class.relfrozenxid <> '0'::xid THEN age(class.relfrozenxid)::int8 END,
       CASE WHEN class.relminmxid <> '0'::xid THEN mxid_age(class.relminmxid)::int8 END,
       coalesce(class.reloptions, '{}'),
       pg_stat_get_dead_tuples(class.oid),
       pg_stat_get_ins_since_vacuum(class.oid),
       pg_stat_get_mod_since_analyze(class.oid),
       greatest(pg_stat_get_last_vacuum_time(class.oid), pg_stat_get_last_autovacuum_time(class.oid)),
       greatest(pg_stat_get_last_analyze_time(class.oid), pg_stat_get_last_autoanalyze_time(class.oid)),
       toast.oid::int8,
       toast.reltuples::float8,
       toast.relpages::int8,
       CASE WHEN toast.relfrozenxid <> '0'::xid THEN age(toast.relfrozenxid)::int8 END,
       CASE WHEN toast.relminmxid <> '0'::xid THEN mxid_age(toast.relminmxid)::int8 END,
       toast.reloptions,
       pg_stat_get_dead_tuples(toast.oid),
       pg_stat_get_ins_since_vacuum(toast.oid),
       coalesce(has_table_privilege(class.oid, $1), false)
           OR pg_has_role(class.relowner, 'USAGE')
           OR (NOT class.relisshared AND pg_has_role(database.datdba, 'USAGE')) AS may_maintain,
       quote_ident(pg_get_userbyid(class.relowner)),
       class.relowner IN (SELECT oid FROM powerful)
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_database AS database ON database.datname = current_database()
LEFT JOIN pg_class AS toast ON toast.oid = class.reltoastrelid
WHERE class.relkind IN ('r', 'm', 'p') AND class.relpersistence <> 't'
