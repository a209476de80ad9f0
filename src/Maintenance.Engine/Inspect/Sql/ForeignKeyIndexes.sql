-- The statements that make an index for the columns of a foreign key. $1 table, $2 numbers of the columns, $3 the partitions that have
-- none; of a table that is not partitioned, the table itself.
-- A partitioned table cannot be indexed concurrently: an empty index is made for it alone, one for each partition concurrently, and
-- they are attached; the last one makes it valid. Where some partitions have an index of their own, only the others get one.
WITH names AS (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY part.position) AS columns,
           string_agg(a.attname, '_' ORDER BY part.position) AS suffix
    FROM unnest($2::smallint[]) WITH ORDINALITY AS part (attnum, position)
    JOIN pg_attribute AS a ON a.attrelid = $1::bigint::oid AND a.attnum = part.attnum
),
tree AS (
    SELECT tree.relid AS oid, tree.parentrelid AS parent, tree.level, tree.isleaf, c.relkind, n.nspname, c.relname
    FROM pg_partition_tree($1::bigint::oid::regclass) AS tree
    JOIN pg_class AS c ON c.oid = tree.relid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL
    -- A table that is no part of a partition tree.
    SELECT c.oid, NULL, 0, true, c.relkind, n.nspname, c.relname
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = $1::bigint::oid AND NOT c.relispartition AND c.relkind <> 'p'
),
wanted AS (
    SELECT tree.*, chosen.name, row_number() OVER (PARTITION BY tree.oid) AS copy,
           -- All partitions lack one: then the partitioned tables get one too, and partitions made later with them.
           NOT EXISTS (SELECT FROM tree AS other WHERE other.isleaf AND other.relkind <> 'f' AND other.oid::bigint <> ALL ($3::bigint[])) AS whole
    FROM tree
    CROSS JOIN names
    CROSS JOIN LATERAL (
        -- At most 63 bytes, and free.
        SELECT candidate.name
        FROM generate_series(0, 99) AS number
        CROSS JOIN LATERAL (
            SELECT (left(tree.relname || '_' || names.suffix, (54 * length(tree.relname || names.suffix) / octet_length(tree.relname || names.suffix))::int)
                    || '_idx' || CASE WHEN number > 0 THEN number::text ELSE '' END)::name AS name
        ) AS candidate
        WHERE NOT EXISTS (SELECT FROM pg_class AS taken WHERE taken.relname = candidate.name AND taken.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = tree.oid))
        ORDER BY number
        LIMIT 1
    ) AS chosen
    WHERE tree.relkind IN ('r', 'p')
),
made AS (
    SELECT * FROM wanted WHERE copy = 1 AND CASE WHEN isleaf AND relkind = 'r' THEN oid::bigint = ANY ($3::bigint[]) ELSE whole END
),
statements AS (
    SELECT 1 AS step, level, oid,
           format('CREATE INDEX %s%I ON %s%I.%I (%s);', CASE WHEN relkind = 'r' THEN 'CONCURRENTLY ' END, name, CASE WHEN relkind = 'p' THEN 'ONLY ' END, nspname, relname, names.columns) AS text,
           format('DROP INDEX %s%I.%I;', CASE WHEN relkind = 'r' THEN 'CONCURRENTLY ' END, nspname, name) AS undo
    FROM made CROSS JOIN names
    UNION ALL
    SELECT 2, -made.level, made.oid, format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I;', above.nspname, above.name, made.nspname, made.name), NULL
    FROM made
    JOIN made AS above ON above.oid = made.parent
)
SELECT array_agg(text ORDER BY step, level, oid),
       -- An attached index goes with the one above it.
       array_remove(array_agg(undo ORDER BY step, level, oid) FILTER (WHERE step = 1 AND (level = 0 OR NOT EXISTS (SELECT FROM made WHERE relkind = 'p'))), NULL)
FROM statements
