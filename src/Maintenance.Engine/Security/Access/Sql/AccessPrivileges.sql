-- What was granted to roles in this database and on the server's own objects, as counts. What an owner has of its own is no grant, and PUBLIC is nobody in particular.
SELECT g.grantee::bigint, g.shared, g.kind, g.privilege_type, count(*)
FROM (
    SELECT a.grantee, false AS shared, a.privilege_type, c.relowner AS owner,
           CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                          WHEN 'p' THEN 'partitioned table' ELSE 'table' END AS kind
    FROM pg_class AS c, aclexplode(c.relacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, c.relowner, 'column' FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid, aclexplode(t.attacl) AS a WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, p.proowner, 'function' FROM pg_proc AS p, aclexplode(p.proacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, n.nspowner, 'schema' FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, t.typowner, 'type' FROM pg_type AS t, aclexplode(t.typacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, l.lanowner, 'language' FROM pg_language AS l, aclexplode(l.lanacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, s.srvowner, 'server' FROM pg_foreign_server AS s, aclexplode(s.srvacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, w.fdwowner, 'foreign-data wrapper' FROM pg_foreign_data_wrapper AS w, aclexplode(w.fdwacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, o.lomowner, 'large object' FROM pg_largeobject_metadata AS o, aclexplode(o.lomacl) AS a
    UNION ALL
    SELECT a.grantee, false, a.privilege_type, f.defaclrole, 'default privileges' FROM pg_default_acl AS f, aclexplode(f.defaclacl) AS a
    UNION ALL
    SELECT a.grantee, true, a.privilege_type, d.datdba, 'database' FROM pg_database AS d, aclexplode(d.datacl) AS a
    UNION ALL
    SELECT a.grantee, true, a.privilege_type, t.spcowner, 'tablespace' FROM pg_tablespace AS t, aclexplode(t.spcacl) AS a
) AS g
WHERE g.grantee <> g.owner AND g.grantee <> 0
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2 DESC, 3, 4
