-- Whether the tables of the protocol are there, and which privileges on them we lack.
SELECT pg_catalog.count(c.oid) = pg_catalog.count(*),
       pg_catalog.bool_or(c.oid IS NOT NULL),
       pg_catalog.string_agg(pg_catalog.format('maintenance.%I', wanted.name), ', ' ORDER BY wanted.name)
           FILTER (WHERE c.oid IS NOT NULL AND NOT (
               pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(c.oid, 'INSERT')
               AND pg_catalog.has_table_privilege(c.oid, 'UPDATE') AND pg_catalog.has_table_privilege(c.oid, 'DELETE'))),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       pg_catalog.quote_ident(current_user),
       pg_catalog.quote_ident(pg_catalog.current_database())
FROM (VALUES ('archives'), ('archive_parts'), ('archive_restores'), ('partition_moves')) AS wanted (name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'maintenance'
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind = 'r'
