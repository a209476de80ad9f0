-- What a policy needs to know of its table. $1 the table's OID, $2 name of the time column
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
       n.nspname::text,
       c.relname::text,
       c.relkind::text,
       -- True where row security would hide rows from us instead of saying so.
       pg_catalog.row_security_active(c.oid),
       EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = c.oid AND r.ev_enabled <> 'D' AND r.ev_type IN ('2', '3', '4')),
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid),
       pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       pg_catalog.has_table_privilege(c.oid, 'DELETE'),
       pg_catalog.has_table_privilege(c.oid, 'INSERT'),
       pg_catalog.has_table_privilege(c.oid, 'UPDATE'),
       pg_catalog.quote_ident(current_user),
       pg_catalog.clock_timestamp(),
       a.attnum::int,
       pg_catalog.quote_ident(a.attname),
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       pg_catalog.format_type(COALESCE(NULLIF(t.typbasetype, 0), a.atttypid), NULL),
       n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast', 'maintenance'),
       pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       pg_catalog.quote_ident(c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE c.oid = $1::bigint::oid
