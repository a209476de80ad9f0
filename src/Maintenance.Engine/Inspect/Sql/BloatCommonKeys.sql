-- How the most common values weigh among the keys of indexes where equal keys may share an entry: those of a single column that are not
-- unique. Their share of the rows, their number, and the average bytes of text among them; the values stay where they are. The last column
-- is how many rows ANALYZE samples. $1 relations, null for all; $2 true for system catalogues too.
WITH keys AS (
    SELECT DISTINCT CASE WHEN x.indkey[0] = 0 THEN x.indexrelid ELSE x.indrelid END AS relation,
           CASE WHEN x.indkey[0] = 0 THEN 1::int2 ELSE x.indkey[0] END AS number
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid AND i.relkind = 'i' AND i.relpersistence <> 't'
    JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE x.indnatts = 1 AND NOT x.indisunique
      AND ($2 OR (n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'))
      AND ($1::bigint[] IS NULL OR x.indrelid = ANY ($1::bigint[]::oid[]))
), statistics AS MATERIALIZED (
    SELECT schemaname, tablename, attname, n_distinct, most_common_freqs, most_common_vals
    FROM pg_stats
    WHERE NOT inherited AND n_distinct <> -1 AND most_common_freqs IS NOT NULL
      AND ($2 OR (schemaname <> 'information_schema' AND schemaname NOT LIKE 'pg\_%'))
)
SELECT k.relation::bigint,
       k.number,
       common.share,
       common.keys,
       common.width,
       300 * greatest(current_setting('default_statistics_target')::int, a.attstattarget)
FROM keys k
JOIN pg_attribute a ON a.attrelid = k.relation AND a.attnum = k.number
JOIN pg_class c ON c.oid = k.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN statistics s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
CROSS JOIN LATERAL (
    SELECT sum(f.share)::float8 AS share,
           count(*)::int AS keys,
           sum(f.share * (octet_length(f.text) + CASE WHEN octet_length(f.text) <= 126 THEN 1 ELSE 4 END))::float8 / nullif(sum(f.share), 0)::float8 AS width
    FROM unnest(s.most_common_freqs, CASE WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype) THEN s.most_common_vals::text::text[] END) AS f(share, text)
) AS common
WHERE s.n_distinct < 0 OR s.n_distinct > common.keys
