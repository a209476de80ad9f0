-- Whether this role can write down what is on its way: in the table, or, where there is none yet, by making it.
SELECT CASE
    WHEN journal.oid IS NULL THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
    ELSE pg_catalog.has_schema_privilege('maintenance', 'USAGE')
        AND pg_catalog.has_table_privilege(journal.oid, 'SELECT')
        AND pg_catalog.has_table_privilege(journal.oid, 'INSERT')
        AND pg_catalog.has_table_privilege(journal.oid, 'UPDATE')
    END
FROM (SELECT pg_catalog.to_regclass('maintenance.partition_moves')::oid AS oid) AS journal
