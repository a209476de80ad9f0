-- Integer primary keys of one column that no sequence feeds, with the statement that reads the highest value from the key's own index; its
-- names are quoted here, by the server. Left out: what somebody holds exclusively, what the role may not read, and what row security hides.
-- $1 how many
SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname),
       format('SELECT max(%I)::float8 FROM %I.%I', a.attname, n.nspname, c.relname)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE k.contype = 'p' AND cardinality(k.conkey) = 1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT') AND NOT row_security_active(c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i'))
  AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                  WHERE d.refclassid = 'pg_class'::regclass AND f.adrelid = c.oid AND f.adnum = a.attnum)
  AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation = c.oid AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY c.oid
LIMIT $1
