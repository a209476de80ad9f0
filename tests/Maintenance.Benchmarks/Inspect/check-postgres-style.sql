-- Written for this benchmark after the published technique of check_postgres' action "bloat": pages that the average widths of pg_stats
-- ask for, tables and indexes in one query, with a look at pg_stats for each table. Not its text.
SELECT count(*), sum(greatest(0, table_waste)), sum(greatest(0, index_waste))
FROM (
    SELECT t.nspname,
           t.relname,
           i.relname AS index_name,
           8192 * (t.relpages - ceil(t.reltuples * (t.width + t.header + 8 - CASE WHEN t.header % 8 = 0 THEN 8 ELSE t.header % 8 END + 4) / 8168)) AS table_waste,
           8192 * (i.relpages - ceil(i.reltuples * (t.width - 12) / 8168)) AS index_waste
    FROM (
        SELECT n.nspname,
               c.relname,
               c.oid,
               c.relpages,
               c.reltuples,
               sum((1 - coalesce(s.null_frac, 0)) * coalesce(s.avg_width, 2048)) AS width,
               (24 + (SELECT count(*) / 8 FROM pg_stats nullable WHERE nullable.null_frac <> 0 AND nullable.schemaname = n.nspname AND nullable.tablename = c.relname))::int AS header
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> 'information_schema'
        LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited AND s.attname = a.attname
        WHERE a.attnum > 0
        GROUP BY 1, 2, 3, 4, 5
    ) AS t
    LEFT JOIN pg_index x ON x.indrelid = t.oid
    LEFT JOIN pg_class i ON i.oid = x.indexrelid
) AS bloat
