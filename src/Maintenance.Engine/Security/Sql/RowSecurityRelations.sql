-- Relations that rows can be seen through, and whether a column tells whose a row is.
-- Accounts are not found by to_regclass: it fails on schemas that the role may not use.
-- $1 schemas, null for all but the system's, $2 names of columns that tell whose a row is
SELECT c.oid::bigint,
       n.nspname::text,
       c.relname::text,
       format('%I.%I', n.nspname, c.relname),
       c.relkind::text,
       pg_get_userbyid(c.relowner)::text,
       c.relrowsecurity,
       c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname::text = ANY ($2))
       OR EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = (SELECT u.oid FROM pg_class AS u JOIN pg_namespace AS s ON s.oid = u.relnamespace WHERE s.nspname = 'auth' AND u.relname = 'users')),
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid)
            ELSE (SELECT string_agg(concat(pg_get_expr(p.polqual, p.polrelid), ' ', pg_get_expr(p.polwithcheck, p.polrelid)), ' ') FROM pg_policy AS p WHERE p.polrelid = c.oid)
       END,
       ARRAY(SELECT d.refobjid::bigint
             FROM pg_depend AS d
             WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_class'::regclass)
               AND d.refobjid <> c.oid
               AND ((d.classid = 'pg_policy'::regclass AND d.objid IN (SELECT p.oid FROM pg_policy AS p WHERE p.polrelid = c.oid))
                    OR (d.classid = 'pg_rewrite'::regclass AND d.objid IN (SELECT w.oid FROM pg_rewrite AS w WHERE w.ev_class = c.oid))))::bigint[],
       ($1::text[] IS NULL OR n.nspname::text = ANY ($1))
       AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.objsubid = 0 AND e.deptype = 'e')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname
