-- Privileges on what is not a relation or a function: schemas, this database, languages, foreign servers.
-- Where nothing was ever granted, the server's defaults are told.
SELECT 'schema', n.oid::bigint, n.nspname::text, quote_ident(n.nspname), n.nspowner::bigint, coalesce(n.nspacl, acldefault('n', n.nspowner))::text[], true
FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'database', d.oid::bigint, d.datname::text, quote_ident(d.datname), d.datdba::bigint, coalesce(d.datacl, acldefault('d', d.datdba))::text[], true
FROM pg_database AS d
WHERE d.datname = current_database()
UNION ALL
SELECT 'language', l.oid::bigint, l.lanname::text, quote_ident(l.lanname), l.lanowner::bigint, coalesce(l.lanacl, acldefault('l', l.lanowner))::text[], l.lanpltrusted
FROM pg_language AS l
WHERE l.lanname NOT IN ('internal', 'c')
UNION ALL
SELECT 'server', s.oid::bigint, s.srvname::text, quote_ident(s.srvname), s.srvowner::bigint, coalesce(s.srvacl, acldefault('S', s.srvowner))::text[], true
FROM pg_foreign_server AS s
