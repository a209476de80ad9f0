-- Written for this benchmark after the published technique of PgHero's index bloat: b-trees alone, columns of an index from its
-- indkey, widths of pg_stats summed up for each index. Not its text.
SELECT count(*), sum(greatest(0, waste))
FROM (
    SELECT i.indexrelid,
           8192 * (max(i.relpages) - ceil(1 + max(i.reltuples) / floor(7372 / (4 + 8 + sum((1 - coalesce(s.null_frac, 0)) * coalesce(s.avg_width, 1024)) + 4)))) AS waste
    FROM (
        SELECT x.indexrelid, x.indrelid, c.relpages, c.reltuples, n.nspname, t.relname, unnest(x.indkey) AS attnum
        FROM pg_index x
        JOIN pg_class c ON c.oid = x.indexrelid AND c.relpages > 0
        JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_am am ON am.oid = c.relam AND am.amname = 'btree'
    ) AS i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.attnum
    JOIN pg_stats s ON s.schemaname = i.nspname AND s.tablename = i.relname AND s.attname = a.attname
    GROUP BY i.indexrelid
) AS bloat
