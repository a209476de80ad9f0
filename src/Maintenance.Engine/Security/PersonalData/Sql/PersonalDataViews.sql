-- Which columns of which relations plain views use; 0 where a view takes whole rows.
SELECT DISTINCT d.refobjid::bigint, w.ev_class::bigint, d.refobjsubid::smallint
FROM pg_rewrite AS w
JOIN pg_class AS v ON v.oid = w.ev_class AND v.relkind = 'v'
JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
JOIN pg_namespace AS n ON n.oid = v.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
