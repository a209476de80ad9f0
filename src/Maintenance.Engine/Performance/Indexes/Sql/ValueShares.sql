-- How many of the rows of a table have a value that a statement names: by the most common values, or as one of the others. $1 OIDs, $2 columns, $3 values.
-- Only values that were asked about are compared, and none leaves the server. The columns have few values, so that their number is known.
SELECT wanted.n::int,
       CASE WHEN s.n_distinct > 0
            THEN coalesce(common.share, greatest(0, 1 - s.null_frac - coalesce(most.share, 0)) / greatest(1, s.n_distinct - coalesce(most.n, 0)))::float8 END
FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (oid, name, value, n)
JOIN pg_class AS c ON c.oid = wanted.oid::oid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = wanted.name AND s.inherited = (c.relkind = 'p')
LEFT JOIN LATERAL (
    SELECT f AS share FROM unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS common (v, f) WHERE v = wanted.value LIMIT 1
) AS common ON true
CROSS JOIN LATERAL (SELECT sum(f) AS share, count(*) AS n FROM unnest(s.most_common_freqs) AS f) AS most
