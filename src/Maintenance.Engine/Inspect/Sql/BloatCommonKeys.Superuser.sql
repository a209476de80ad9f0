-- The same as BloatCommonKeys.sql for a role that may read pg_statistic itself. $1 relations, null for all; $2 true for system catalogues too.
WITH keys AS (
    SELECT DISTINCT CASE WHEN x.indkey[0] = 0 THEN x.indexrelid ELSE x.indrelid END AS relation,
           CASE WHEN x.indkey[0] = 0 THEN 1::int2 ELSE x.indkey[0] END AS number
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid AND i.relkind = 'i' AND i.relpersistence <> 't'
    JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE x.indnatts = 1 AND NOT x.indisunique
      AND ($2 OR (n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'))
      AND ($1::bigint[] IS NULL OR x.indrelid = ANY ($1::bigint[]::oid[]))
)
SELECT k.relation::bigint,
       k.number,
       common.share,
       common.keys,
       common.width,
       300 * greatest(current_setting('default_statistics_target')::int, a.attstattarget)
FROM keys k
JOIN pg_attribute a ON a.attrelid = k.relation AND a.attnum = k.number
JOIN pg_statistic s ON s.starelid = k.relation AND s.staattnum = k.number AND NOT s.stainherit
CROSS JOIN LATERAL (
    SELECT CASE 1 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2 WHEN s.stakind3 THEN s.stanumbers3 WHEN s.stakind4 THEN s.stanumbers4 WHEN s.stakind5 THEN s.stanumbers5 END AS shares,
           CASE 1 WHEN s.stakind1 THEN s.stavalues1::text WHEN s.stakind2 THEN s.stavalues2::text WHEN s.stakind3 THEN s.stavalues3::text WHEN s.stakind4 THEN s.stavalues4::text WHEN s.stakind5 THEN s.stavalues5::text END AS texts
    WHERE s.stadistinct <> -1
) AS slot
CROSS JOIN LATERAL (
    SELECT sum(f.share)::float8 AS share,
           count(*)::int AS keys,
           sum(f.share * (octet_length(f.text) + CASE WHEN octet_length(f.text) <= 126 THEN 1 ELSE 4 END))::float8 / nullif(sum(f.share), 0)::float8 AS width
    FROM unnest(slot.shares, CASE WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype) THEN slot.texts::text[] END) AS f(share, text)
) AS common
WHERE slot.shares IS NOT NULL AND (s.stadistinct < 0 OR s.stadistinct > common.keys)
