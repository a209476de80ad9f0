-- What the statistics system counted of tables, materialized views and TOAST tables. The functions are called directly: the view
-- pg_stat_all_tables joins and groups every index to say the same.
SELECT c.oid::bigint,
       pg_stat_get_live_tuples(c.oid),
       pg_stat_get_dead_tuples(c.oid),
       pg_stat_get_mod_since_analyze(c.oid),
       pg_stat_get_ins_since_vacuum(c.oid),
       pg_stat_get_tuples_inserted(c.oid),
       pg_stat_get_tuples_updated(c.oid),
       pg_stat_get_tuples_hot_updated(c.oid),
       pg_stat_get_tuples_deleted(c.oid),
       pg_stat_get_last_vacuum_time(c.oid),
       pg_stat_get_last_autovacuum_time(c.oid),
       greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid))
FROM pg_class c
WHERE c.relkind IN ('r', 'm', 't') AND c.relpersistence <> 't'
  AND ($1::bigint[] IS NULL OR c.oid = ANY ($1::bigint[]::oid[]))
