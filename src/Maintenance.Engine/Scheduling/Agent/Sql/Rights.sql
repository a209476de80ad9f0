-- Who asks, in which database, whose the schema is (null for none), whether the role may create one, and whether it may use what is in it (null for nothing in it).
SELECT pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(pg_catalog.current_database()),
       (SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(space.nspowner)) FROM pg_catalog.pg_namespace AS space WHERE space.nspname = 'maintenance_agent'),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       (SELECT pg_catalog.has_schema_privilege(space.oid, 'USAGE') AND pg_catalog.has_schema_privilege(space.oid, 'CREATE') FROM pg_catalog.pg_namespace AS space WHERE space.nspname = 'maintenance_agent'),
       (SELECT pg_catalog.bool_and(pg_catalog.has_table_privilege(class.oid, 'SELECT') AND pg_catalog.has_table_privilege(class.oid, 'INSERT')
                                   AND pg_catalog.has_table_privilege(class.oid, 'UPDATE') AND pg_catalog.has_table_privilege(class.oid, 'DELETE'))
        FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE space.nspname = 'maintenance_agent' AND class.relkind IN ('r', 'p'))
