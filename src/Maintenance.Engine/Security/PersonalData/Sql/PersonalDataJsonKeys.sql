-- The statement that counts in how many rows of JSON, of a composite or of XML a key, an attribute or an element goes by a name that announces something. Keys can be personal data themselves, so none leaves the server:
-- the statement's own $1 holds categories and $2 the patterns of their names, and what comes back are categories and counts.
-- $1 relation, $2 columns, $3 rows, $4 kinds of the columns' types
SELECT format($sample$
WITH s AS MATERIALIZED (SELECT row_number() OVER () AS r, t.* FROM (%1$s) AS t)
SELECT e.n, k.category, count(DISTINCT s.r)
FROM s
CROSS JOIN LATERAL (%2$s) AS e(n, key)
CROSS JOIN LATERAL (SELECT '_' || regexp_replace(lower(regexp_replace(e.key, '([a-z0-9])([A-Z])', '\1_\2', 'g')), '[^a-z0-9]+', '_', 'g') || '_' AS name) AS w
JOIN unnest($1::text[], $2::text[]) AS k(category, pattern) ON w.name ~ k.pattern
GROUP BY e.n, k.category
$sample$,
    (SELECT format(CASE WHEN c.relpages > 0 AND c.reltuples > 3 * $3::bigint AND c.relkind <> 'p'
                        THEN 'SELECT %1$s FROM ONLY %2$I.%3$I TABLESAMPLE SYSTEM (%4$s) REPEATABLE (1) LIMIT %5$s'
                        ELSE 'SELECT %1$s FROM %6$s%2$I.%3$I LIMIT %7$s' END,
                   string_agg(format('CASE WHEN pg_column_size(%1$I) < 32768 THEN left(' || CASE k.kind WHEN 'c' THEN 'to_jsonb(%1$I)::text' ELSE 'concat(%1$I)' END || ', 4000) END AS c%2$s', a.attname, a.attnum), ', '),
                   n.nspname, c.relname,
                   least(100, greatest(100.0 * $3::bigint / greatest(c.reltuples, 1)::numeric, 800.0 / greatest(c.relpages, 1)))::numeric(12, 8),
                   2 * $3::bigint, CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY ' END, $3::bigint)),
    string_agg(format(CASE k.kind
        WHEN 'x' THEN '(SELECT %1$s, coalesce(m[1], m[2]) FROM regexp_matches(s.c%1$s, $re$<([[:alpha:]_][[:alnum:]_.-]*)|\s([[:alpha:]_][[:alnum:]_.-]*)\s*=\s*["'']$re$, ''g'') AS m LIMIT 60)'
        ELSE '(SELECT %1$s, m[1] FROM regexp_matches(s.c%1$s, $re$"((?:[^"\\]|\\.)*)"\s*(?::|=>)$re$, ''g'') AS m LIMIT 60)' END, a.attnum), ' UNION ALL '))
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest($2::smallint[], $4::text[]) AS k(attnum, kind) ON true
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum AND NOT a.attisdropped
WHERE c.oid = $1::bigint::oid
GROUP BY c.oid, n.nspname, c.relname, c.relpages, c.reltuples, c.relkind
