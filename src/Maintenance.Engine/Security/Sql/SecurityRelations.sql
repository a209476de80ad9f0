-- Tables, partitioned tables, views, materialized views and foreign tables, with who may do what to them.
SELECT c.oid::bigint,
       n.oid::bigint,
       n.nspname::text,
       c.relname::text,
       format('%I.%I', n.nspname, c.relname),
       c.relkind::text,
       c.relowner::bigint,
       c.relrowsecurity,
       c.relforcerowsecurity,
       coalesce(c.relacl, acldefault('r', c.relowner))::text[],
       (SELECT split_part(o, '=', 2)::boolean FROM unnest(c.reloptions) AS o WHERE o LIKE 'security\_invoker=%'),
       i.inhparent::bigint,
       e.objid IS NOT NULL
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN (SELECT inhrelid, min(inhparent::bigint) AS inhparent FROM pg_inherits GROUP BY inhrelid) AS i ON i.inhrelid = c.oid
LEFT JOIN pg_depend AS e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.objsubid = 0 AND e.deptype = 'e'
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
