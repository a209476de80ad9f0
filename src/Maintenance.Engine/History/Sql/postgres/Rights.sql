-- Who asks, in which database, whose the schema is (null for none), whose the tables of the history in it are (null for none), and whether those are all the asking role needs to read and write.
SELECT pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(pg_catalog.current_database()),
       (SELECT pg_catalog.pg_get_userbyid(space.nspowner) FROM pg_catalog.pg_namespace AS space WHERE space.nspname = 'maintenance'),
       (SELECT pg_catalog.pg_get_userbyid(class.relowner)
        FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE space.nspname = 'maintenance' AND class.relname = 'schema_version'),
       (SELECT pg_catalog.bool_and(pg_catalog.has_schema_privilege(space.oid, 'USAGE')
                                   AND CASE class.relkind WHEN 'S' THEN pg_catalog.has_sequence_privilege(class.oid, 'USAGE')
                                       ELSE pg_catalog.has_table_privilege(class.oid, 'SELECT') AND pg_catalog.has_table_privilege(class.oid, 'INSERT')
                                            AND pg_catalog.has_table_privilege(class.oid, 'UPDATE') AND pg_catalog.has_table_privilege(class.oid, 'DELETE') END)
        FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE space.nspname = 'maintenance' AND class.relkind IN ('r', 'p', 'S'))
