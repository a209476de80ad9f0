-- Functions that policies and views may call: what they are written in, and their text. Those of the system are known by name.
SELECT p.oid::bigint,
       p.proname::text,
       l.lanname::text,
       l.lanpltrusted,
       p.provolatile::text,
       CASE WHEN l.lanname IN ('c', 'internal') OR p.prokind NOT IN ('f', 'p') THEN '' ELSE pg_get_functiondef(p.oid) END
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
