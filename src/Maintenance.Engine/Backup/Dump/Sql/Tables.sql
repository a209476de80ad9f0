-- The tables whose rows pg_dump dumps, how to count them, and whether this role may: ordinary tables and partitions. Neither tables of
-- extensions, whose rows are mostly not dumped and never restored as they are; nor temporary ones; nor, on a standby, unlogged ones.
-- ONLY, since the rows of children are theirs.
SELECT namespace.nspname::text,
       class.relname::text,
       format('SELECT count(*) FROM ONLY %I.%I', namespace.nspname, class.relname),
       has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(class.oid, 'SELECT') AND NOT row_security_active(class.oid)
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind = 'r'
  AND class.relpersistence <> 't'
  AND (class.relpersistence <> 'u' OR NOT pg_is_in_recovery())
  AND namespace.nspname !~ '^pg_'
  AND namespace.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT 1 FROM pg_depend AS member
      WHERE member.classid = 'pg_class'::regclass AND member.objid = class.oid AND member.deptype = 'e')
ORDER BY 1, 2
