-- Columns of tables with what ANALYZE found, and the operator class that a b-tree has for them without being told. $1 OIDs.
-- Of a partitioned table the statistics of all partitions together. What the role may not read has none.
SELECT a.attrelid::bigint, a.attnum, a.attname::text, quote_ident(a.attname), format_type(a.atttypid, NULL),
       a.attcollation::bigint,
       (SELECT o.oid::bigint
        FROM pg_opclass AS o
        JOIN pg_am AS m ON m.oid = o.opcmethod
        WHERE m.amname = 'btree' AND o.opcdefault
          AND o.opcintype = CASE WHEN base.oid = 'varchar'::regtype THEN 'text'::regtype
                                 WHEN base.typtype = 'e' THEN 'anyenum'::regtype
                                 WHEN base.typtype = 'r' THEN 'anyrange'::regtype
                                 ELSE base.oid END),
       s.null_frac::float8, s.n_distinct::float8, s.correlation::float8, s.avg_width,
       -- Values are data: none but true and false leave the server.
       CASE WHEN t.oid = 'bool'::regtype THEN s.most_common_vals::text END, CASE WHEN t.oid = 'bool'::regtype THEN s.most_common_freqs::float8[] END,
       a.attlen::int
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_type AS base ON base.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
LEFT JOIN pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
WHERE a.attrelid = ANY ($1::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
