-- Functions and procedures that are not an extension's. A body written in standard SQL is kept as a tree, and has no text of its own.
SELECT p.oid::bigint,
       n.oid::bigint,
       n.nspname::text,
       p.proname::text,
       format('%s %I.%I(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
       p.proowner::bigint,
       p.prosecdef,
       p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype),
       l.lanname::text,
       p.proconfig,
       coalesce(p.proacl, acldefault('f', p.proowner))::text[],
       CASE WHEN l.lanname IN ('c', 'internal') THEN '' WHEN p.prosrc = '' AND p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE p.prosrc END
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
LEFT JOIN pg_depend AS e ON e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
WHERE p.prokind IN ('f', 'p', 'w') AND e.objid IS NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
