-- How a table is right now, if it still has its name. $1 its OID, $2 schema and $3 name as they were planned
SELECT format('%I.%I', namespace.nspname, class.relname),
       pg_table_size(class.oid),
       pg_stat_get_dead_tuples(class.oid),
       pg_stat_get_mod_since_analyze(class.oid),
       CASE WHEN class.relfrozenxid <> '0'::xid THEN age(class.relfrozenxid)::int8 END,
       quote_ident(pg_get_userbyid(class.relowner)),
       -- A member of the owner would get far more than one table.
       EXISTS (SELECT FROM pg_roles AS great
               WHERE (great.rolsuper OR great.rolcreaterole OR great.rolbypassrls OR great.rolreplication
                   OR great.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
                 AND pg_has_role(class.relowner, great.oid, 'MEMBER'))
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.oid = $1::int8::oid AND namespace.nspname = $2 AND class.relname = $3
