-- What views and materialized views read.
SELECT DISTINCT r.ev_class::bigint, d.refobjid::bigint
FROM pg_rewrite AS r
JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
JOIN pg_namespace AS n ON n.oid = v.relnamespace
JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
