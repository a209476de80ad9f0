-- The statements that make an index and drop it again. $1 table, $2 keys (SQL), $3 stored columns (SQL), $4 condition (SQL) or null, $5 its name, or the
-- beginning of it where that is taken.
-- A partitioned table cannot be indexed concurrently: an empty index is made for it alone, one for each partition concurrently, and they
-- are attached; the last one makes it valid.
WITH tree AS (
    SELECT tree.relid AS oid, tree.parentrelid AS parent, tree.level, c.relkind, c.relnamespace, n.nspname, c.relname
    FROM pg_partition_tree($1::bigint::oid::regclass) AS tree
    JOIN pg_class AS c ON c.oid = tree.relid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p')
    UNION ALL
    SELECT c.oid, NULL, 0, c.relkind, c.relnamespace, n.nspname, c.relname
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = $1::bigint::oid AND NOT c.relispartition AND c.relkind <> 'p'
),
made AS (
    SELECT tree.*, chosen.name
    FROM tree
    CROSS JOIN LATERAL (
        SELECT candidate.name
        FROM generate_series(0, 99) AS number
        CROSS JOIN LATERAL (
            SELECT (CASE WHEN tree.level > 0 THEN left($5::text, 30) || '_' || tree.oid ELSE left($5::text, 60) END
                    || CASE WHEN number > 0 THEN '_' || number ELSE '' END)::name AS name
        ) AS candidate
        WHERE NOT EXISTS (SELECT FROM pg_class AS taken WHERE taken.relname = candidate.name AND taken.relnamespace = tree.relnamespace)
        ORDER BY number
        LIMIT 1
    ) AS chosen
),
statements AS (
    SELECT 1 AS step, level, oid,
           format('CREATE INDEX %s%I ON %s%I.%I (%s)', CASE WHEN relkind = 'r' THEN 'CONCURRENTLY ' END, name, CASE WHEN relkind = 'p' THEN 'ONLY ' END, nspname, relname, array_to_string($2::text[], ', '))
           || CASE WHEN cardinality($3::text[]) > 0 THEN format(' INCLUDE (%s)', array_to_string($3::text[], ', ')) ELSE '' END
           || coalesce(' WHERE ' || $4::text, '') || ';' AS text,
           format('DROP INDEX %s%I.%I;', CASE WHEN relkind = 'r' THEN 'CONCURRENTLY ' END, nspname, name) AS undo
    FROM made
    UNION ALL
    SELECT 2, -made.level, made.oid, format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I;', above.nspname, above.name, made.nspname, made.name), NULL
    FROM made
    JOIN made AS above ON above.oid = made.parent
)
SELECT (SELECT name::text FROM made WHERE level = 0),
       array_agg(text ORDER BY step, level, oid),
       (array_agg(undo ORDER BY step, level, oid) FILTER (WHERE level = 0))[1]
FROM statements
