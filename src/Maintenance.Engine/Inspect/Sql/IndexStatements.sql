-- The statements that drop, rebuild and recreate indexes, as the server quotes them. $1 OIDs. Writing a definition waits for whoever
-- holds the index exclusively: such an index is left out.
-- CONCURRENTLY is put into the definition after its beginning was found to be what it must be; else the definition stays as it is.
-- A partitioned index can be neither dropped nor made concurrently; made without ONLY, it comes with those of its partitions.
WITH locked AS MATERIALIZED (
    SELECT DISTINCT held.relation
    FROM pg_locks AS held
    WHERE held.locktype = 'relation' AND held.mode = 'AccessExclusiveLock' AND held.pid IS DISTINCT FROM pg_backend_pid()
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT c.oid::bigint,
       format('DROP INDEX %s%I.%I;', CASE WHEN c.relkind = 'i' THEN 'CONCURRENTLY ' ELSE '' END, n.nspname, c.relname),
       format('REINDEX INDEX %s%I.%I;', CASE WHEN c.relkind = 'i' THEN 'CONCURRENTLY ' ELSE '' END, n.nspname, c.relname),
       array_remove(ARRAY[
           'SET default_tablespace = ' || quote_literal(s.spcname) || ';',
           CASE WHEN left(definition, length(beginning)) = beginning
                THEN format('CREATE %sINDEX %s%I ON %I.%I', CASE WHEN i.indisunique THEN 'UNIQUE ' END, CASE WHEN c.relkind = 'i' THEN 'CONCURRENTLY ' END, c.relname, n.nspname, t.relname)
                     || substr(definition, length(beginning) + 1)
                ELSE definition END || ';',
           CASE WHEN s.spcname IS NOT NULL THEN 'RESET default_tablespace;' END
       ]
       || ARRAY(SELECT format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s;', n.nspname, c.relname, a.attnum, a.attstattarget)
                FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attstattarget >= 0 ORDER BY a.attnum)
       || (format('COMMENT ON INDEX %I.%I IS ', n.nspname, c.relname) || quote_literal(obj_description(c.oid, 'pg_class')) || ';')
       || CASE WHEN i.indisclustered THEN format('ALTER %s %I.%I CLUSTER ON %I;', CASE WHEN t.relkind = 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, n.nspname, t.relname, c.relname) END,
       NULL)
FROM unnest($1::bigint[]) AS wanted (oid)
JOIN pg_class AS c ON c.oid = wanted.oid::oid
JOIN pg_index AS i ON i.indexrelid = c.oid AND NOT EXISTS (SELECT FROM locked WHERE locked.relation IN (i.indexrelid, i.indrelid))
JOIN pg_class AS t ON t.oid = i.indrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
CROSS JOIN LATERAL (
    SELECT pg_get_indexdef(c.oid) AS definition,
           format('CREATE %sINDEX %I ON %s%I.%I', CASE WHEN i.indisunique THEN 'UNIQUE ' END, c.relname, CASE WHEN c.relkind = 'I' THEN 'ONLY ' END, n.nspname, t.relname) AS beginning
) AS text
WHERE definition IS NOT NULL
