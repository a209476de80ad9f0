-- The statement that samples some columns of a relation and counts, on the server, what passes which validator. No value leaves it.
-- It is put together here, so that every name in it is quoted by the server and belongs to the relation as it is now. Nothing in it can fail on a value:
-- there is no cast of a value from text, and what becomes text does so as the server writes it, not by a cast that people made. No row: the relation, or each column, is gone.
-- $1 relation, $2 columns, $3 rows, $4 partitions at most, $5 kinds of the columns' types
WITH relation AS (
    SELECT c.oid, c.relkind FROM pg_class AS c WHERE c.oid = $1::bigint::oid
), parts AS (
    SELECT c.oid, c.relpages, c.reltuples
    FROM relation AS r
    CROSS JOIN LATERAL pg_partition_tree(r.oid) AS p
    JOIN pg_class AS c ON c.oid = p.relid
    WHERE r.relkind = 'p' AND p.isleaf AND c.relkind = 'r'
), leaves AS (
    -- Who may read the table and not its partitions reads them through the table.
    SELECT p.oid, p.relpages, p.reltuples, 'ONLY ' AS only
    FROM parts AS p
    JOIN pg_class AS c ON c.oid = p.oid
    WHERE has_table_privilege(p.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE')
    ORDER BY p.relpages DESC, p.oid
    LIMIT $4
), sources AS (
    SELECT l.* FROM leaves AS l
    UNION ALL
    SELECT r.oid,
           CASE r.relkind WHEN 'p' THEN (SELECT sum(relpages)::int FROM parts) ELSE c.relpages END,
           CASE r.relkind WHEN 'p' THEN (SELECT sum(greatest(reltuples, 0)) FROM parts) ELSE c.reltuples END,
           CASE r.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END
    FROM relation AS r
    JOIN pg_class AS c ON c.oid = r.oid
    WHERE NOT EXISTS (SELECT FROM leaves)
), columns AS (
    SELECT a.attnum, a.attname, k.kind
    FROM relation AS r
    JOIN unnest($2::smallint[], $5::text[]) AS k(attnum, kind) ON true
    JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = k.attnum AND NOT a.attisdropped
), picks AS (
    -- A value that takes much room is left alone: reading it would cost more than it tells.
    SELECT string_agg(format(
               CASE k.kind
                   WHEN 'i' THEN 'CASE WHEN masklen(%1$I::inet) = CASE family(%1$I::inet) WHEN 4 THEN 32 ELSE 128 END THEN host(%1$I::inet) ELSE text(%1$I::inet) END AS c%2$s'
                   WHEN 'd' THEN 'CASE WHEN %1$I >= ''1900-01-01'' AND %1$I <= current_date THEN ''t'' WHEN %1$I IS NOT NULL THEN ''f'' END AS c%2$s'
                   WHEN 'a' THEN 'CASE WHEN pg_column_size(%1$I) < 32768 THEN %1$I::text[] END AS c%2$s, pg_column_size(%1$I) >= 32768 AS l%2$s'
                   WHEN 'c' THEN 'CASE WHEN pg_column_size(%1$I) < 32768 THEN left(to_jsonb(%1$I)::text, 4001) END AS c%2$s, pg_column_size(%1$I) >= 32768 AS l%2$s'
                   ELSE 'CASE WHEN pg_column_size(%1$I) < 32768 THEN left(concat(%1$I), 4001) END AS c%2$s, pg_column_size(%1$I) >= 32768 AS l%2$s'
               END, k.attname, k.attnum), ', ') AS columns,
           string_agg(format(
               CASE CASE k.kind WHEN 'c' THEN 'j' ELSE k.kind END
                   WHEN 'j' THEN 'SELECT %1$s, ''j'', '''', false WHERE s.c%1$s <> '''' UNION ALL (SELECT %1$s, ''j'', coalesce(m[1], m[3]), m[2] IS NOT NULL FROM regexp_matches(left(s.c%1$s, 4000), $re$"((?:[^"\\]|\\.)*)"(\s*(?::|=>))?|(?<![0-9.])([0-9]{7,19})(?![0-9.])$re$, ''g'') AS m LIMIT 60)'
                   WHEN 'a' THEN 'SELECT %1$s, ''a'', '''', false WHERE cardinality(s.c%1$s) > 0 UNION ALL (SELECT %1$s, ''a'', left(v, 4000), false FROM unnest(s.c%1$s) AS v LIMIT 20)'
                   WHEN 'd' THEN 'SELECT %1$s, %2$L, s.c%1$s, false WHERE s.c%1$s <> '''''
                   WHEN 'i' THEN 'SELECT %1$s, %2$L, s.c%1$s, false WHERE s.c%1$s <> '''''
                   ELSE 'SELECT %1$s, %2$L, left(s.c%1$s, 4000), false WHERE s.c%1$s <> '''''
               END, k.attnum, CASE k.kind WHEN 'c' THEN 'j' ELSE k.kind END), ' UNION ALL ') AS elements,
           -- How many values were not looked at in whole, told under the column's number below zero.
           string_agg(format(
               'UNION ALL SELECT -%1$s, 0, count(*) FILTER (WHERE s.l%1$s OR ' || CASE k.kind
                   WHEN 'a' THEN 'cardinality(s.c%1$s) > 20 OR EXISTS (SELECT FROM unnest(s.c%1$s) AS v WHERE length(v) > 4000)'
                   ELSE 'length(s.c%1$s) > 4000' END || '), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM s',
               k.attnum), ' ') FILTER (WHERE k.kind NOT IN ('d', 'i')) AS cuts
    FROM columns AS k
), sampled AS (
    -- Pages at random, the same ones each time; of a small table the first rows. Whatever the statistics say, no more than twice as many rows as were asked for.
    SELECT string_agg(format(
               CASE WHEN s.relpages > 0 AND s.reltuples > 3 * s.rows
                    THEN '(SELECT %1$s FROM %2$s%3$I.%4$I TABLESAMPLE SYSTEM (%5$s) REPEATABLE (1) LIMIT %6$s)'
                    ELSE '(SELECT %1$s FROM %2$s%3$I.%4$I LIMIT %7$s)' END,
               p.columns, s.only, n.nspname, c.relname,
               least(100, greatest(100.0 * s.rows / greatest(s.reltuples, 1)::numeric, 800.0 / greatest(s.relpages, 1)))::numeric(12, 8),
               2 * s.rows, s.rows), ' UNION ALL ') AS rows
    FROM (SELECT s.*, ceil($3::bigint::numeric / count(*) OVER ())::bigint AS rows FROM sources AS s) AS s
    JOIN pg_class AS c ON c.oid = s.oid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN picks AS p
)
SELECT format($sample$
WITH s AS MATERIALIZED (SELECT row_number() OVER () AS r, t.* FROM (%1$s) AS t)
SELECT g.n,
       (SELECT count(*) FROM s),
       count(*),
       count(*) FILTER (WHERE g.email), count(*) FILTER (WHERE g.email_in),
       count(*) FILTER (WHERE g.card), count(*) FILTER (WHERE g.card_in), count(*) FILTER (WHERE g.card_shape),
       count(*) FILTER (WHERE g.iban), count(*) FILTER (WHERE g.iban_in),
       count(*) FILTER (WHERE g.ip), count(*) FILTER (WHERE g.ip_in),
       count(*) FILTER (WHERE g.phone), count(*) FILTER (WHERE g.phone_like),
       count(*) FILTER (WHERE g.national), count(*) FILTER (WHERE g.birth), count(*) FILTER (WHERE g.secret), count(*) FILTER (WHERE g.digest),
       count(DISTINCT g.card_number), count(DISTINCT g.card_shape_number)
FROM (
    SELECT e.r, e.n,
           bool_or(e.v ~ '^[^@\s]+@[^@\s]+$' AND m.found AND m.whole) AS email, bool_or(m.found) AS email_in,
           bool_or(c.whole) AS card, bool_or(c.valid) AS card_in, bool_or(c.shape) AS card_shape,
           min(c.number) AS card_number, min(c.shape_number) AS card_shape_number,
           bool_or(i.whole) AS iban, bool_or(i.valid) AS iban_in,
           bool_or(a.whole) AS ip, bool_or(a.valid) AS ip_in,
           bool_or(e.v ~ '^(\+|00)[1-9][0-9 ()./-]{5,24}$' AND translate(e.v, ' ()./-', '') ~ '^(\+|00)[1-9][0-9]{6,14}$') AS phone,
           bool_or(e.kind <> 'd' AND e.v ~ '^[(]?[+0-9][0-9 ()./-]{5,24}$' AND translate(e.v, ' ()./-+', '') ~ '^[0-9]{7,15}$') AS phone_like,
           bool_or(x.national) AS national,
           bool_or(CASE WHEN e.kind = 'd' THEN e.v = 't'
                        ELSE e.v ~ '^(19[0-9][0-9]|20[0-2][0-9])[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12][0-9]|3[01])$' OR e.v ~ '^(0?[1-9]|[12][0-9]|3[01])[-/.](0?[1-9]|[12][0-9]|3[01])[-/.](19[0-9][0-9]|20[0-2][0-9])$' END) AS birth,
           bool_or(e.v ~ '^(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.|(sk|rk)_live_|AKIA[0-9A-Z]{16}$|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-|-----BEGIN [A-Z ]*PRIVATE KEY-----)') AS secret,
           bool_or(e.v ~ '^([$](1|2[abxy]?|5|6|7|y|gy|apr1|argon2(id|i|d)|scrypt|pbkdf2[a-z0-9-]*|bcrypt-sha256)[$]|SCRAM-SHA-|\{[A-Z0-9-]+\}|(pbkdf2|argon2|bcrypt|scrypt)[a-z0-9_]*[$:]|md5[0-9a-f]{32}$|\\x[0-9a-f]+$|-----BEGIN PGP MESSAGE|gAAAA|vault:v)'
                OR e.v ~* '^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$') AS digest
    FROM (SELECT s.r, e.n, e.kind, btrim(e.v) AS v, e.is_key FROM s CROSS JOIN LATERAL (%2$s) AS e(n, kind, v, is_key) OFFSET 0) AS e
    -- E-mail (RFC 5321 without quoted local parts), letters of any alphabet whatever the locale; the top-level domain is letters, so that versions of packages are none.
    LEFT JOIN LATERAL (
        SELECT true AS found, bool_or(m[1] = e.v) AS whole
        FROM regexp_matches(CASE WHEN e.v LIKE '_%%@_%%._%%' THEN e.v END,
            $re$(?<![^][:space:]@<>(),;:\\".[])([^][:space:]@<>(),;:\\".[]{1,64}(?:\.[^][:space:]@<>(),;:\\".[]+)*@(?:[[:alnum:]](?:[[:alnum:]-]{0,61}[[:alnum:]])?\.)+[[:alpha:]]{2,63})(?![[:alnum:]-])$re$, 'g') AS m
        WHERE length(m[1]) <= 254 AND strpos(m[1], '@') <= 65
        HAVING count(*) > 0
    ) AS m ON true
    -- Payment cards: prefixes and lengths of the brands, then Luhn's sum.
    LEFT JOIN LATERAL (
        SELECT true AS shape, bool_or(k.luhn) AS valid, bool_or(k.luhn AND k.whole) AS whole, min(k.digits) FILTER (WHERE k.luhn) AS number, min(k.digits) AS shape_number
        FROM (
            SELECT d.whole, d.digits, mod((
                       SELECT sum(CASE WHEN mod(p, 2) = 1 THEN x WHEN x > 4 THEN 2 * x - 9 ELSE 2 * x END)
                       FROM generate_series(1, length(d.digits)) AS p
                       CROSS JOIN LATERAL (SELECT strpos('0123456789', substr(d.digits, length(d.digits) + 1 - p, 1)) - 1 AS x) AS one), 10) = 0 AS luhn
            FROM (SELECT m[1] = e.v AS whole, translate(m[1], ' -', '') AS digits
                  FROM regexp_matches(CASE WHEN e.v ~ '[2-6][0-9]{3}' THEN e.v END, '(?<![0-9A-Za-z.+-])([2-6](?:[ -]?[0-9]){12,18})(?![0-9A-Za-z-])', 'g') AS m) AS d
            WHERE d.digits ~ '^(4[0-9]{12}([0-9]{3}){0,2}|(5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|3[47][0-9]{13}|(6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12,15}|35(2[89]|[3-8][0-9])[0-9]{12,15}|(30[0-5][0-9]|36[0-9]{2}|3[89][0-9]{2})[0-9]{10,15}|62[0-9]{14,17}|(50[0-9]{2}|5[6-8][0-9]{2})[0-9]{12,15})$'
        ) AS k
        HAVING count(*) > 0
    ) AS c ON true
    -- IBAN: the country's length, then the remainder of 97 over letters as numbers from 10.
    LEFT JOIN LATERAL (
        SELECT true AS valid, bool_or(d.whole) AS whole
        FROM (SELECT m[1] = e.v AND l.length = length(t.text) AS whole, left(t.text, l.length) AS code, length(t.text) >= l.length AS long_enough
              FROM regexp_matches(CASE WHEN e.v ~* '[a-z]{2}[0-9]{2} ?[a-z0-9]{4}' THEN e.v END, '(?<![0-9A-Za-z])([A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?)(?![0-9A-Za-z])', 'g') AS m
              CROSS JOIN LATERAL (SELECT upper(translate(m[1], ' -', '')) AS text) AS t
              CROSS JOIN LATERAL (SELECT substring(' AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 ' FROM left(t.text, 2) || '([0-9]{2}) ')::int AS length) AS l) AS d
        WHERE d.long_enough
          AND (SELECT mod(sum(mod(x * mod(power(10::numeric, places), 97), 97)), 97) = 1
               FROM (SELECT strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(turned, p, 1)) - 1 AS x,
                            coalesce(sum(CASE WHEN substr(turned, p, 1) BETWEEN 'A' AND 'Z' THEN 2 ELSE 1 END) OVER (ORDER BY p DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS places
                     FROM (SELECT substr(d.code, 5) || left(d.code, 4) AS turned) AS t
                     CROSS JOIN LATERAL generate_series(1, length(turned)) AS p) AS digits)
        HAVING count(*) > 0
    ) AS i ON true
    -- Addresses of the internet, those for documentation too; none of private networks, of this machine, of links, of many, or of nobody.
    LEFT JOIN LATERAL (
        SELECT true AS valid, bool_or(d.whole) AS whole
        FROM (SELECT m[1] = e.v AS whole, m[1] AS address
              FROM regexp_matches(CASE WHEN e.v ~ '[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.' THEN e.v END,
                  '(?<![0-9A-Za-z.])((?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(?![0-9A-Za-z]|\.[0-9]|/[0-9])', 'g') AS m
              UNION ALL
              SELECT true, e.v
              WHERE e.v LIKE '%%:%%:%%' AND length(e.v) BETWEEN 6 AND 39
                AND e.v ~* '^(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?::([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?)$'
                AND length(e.v) - length(replace(e.v, ':', '')) <= 7) AS d
        WHERE d.address !~* '^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|22[4-9]\.|2[3-5][0-9]\.|::1?$|fe[89ab][0-9a-f]:|f[cd][0-9a-f]{2}:|ff[0-9a-f]{2}:)'
        HAVING count(*) > 0
    ) AS a ON true
    -- Numbers of people: US SSN and UK NINO by shape, Spanish DNI and NIE by their letter, French NIR by its key, the Italian fiscal code by its shape.
    LEFT JOIN LATERAL (
        SELECT true AS national
        WHERE CASE
            WHEN e.v ~ '^[0-9]{3}-[0-9]{2}-[0-9]{4}$' THEN e.v !~ '^(000|666|9)' AND e.v !~ '-00-' AND e.v !~ '-0000$'
            WHEN e.v ~* '^[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]$' THEN e.v !~* '^(bg|gb|nk|kn|tn|nt|zz)'
            WHEN e.v ~* '^([0-9]{8}|[xyz][0-9]{7})-?[a-z]$' THEN upper(right(e.v, 1)) = substr('TRWAGMYFPDXBNJZSQVHLCKE', (
                SELECT mod(sum(mod((strpos('0123456789', substr(number, p, 1)) - 1) * mod(power(10::numeric, length(number) - p), 23), 23)), 23)::int + 1
                FROM (SELECT translate(upper(left(e.v, 8)), 'XYZ', '012') AS number) AS t CROSS JOIN LATERAL generate_series(1, length(number)) AS p), 1)
            WHEN translate(e.v, ' ', '') ~ '^[12][0-9]{2}(0[1-9]|1[0-2])[0-9]{10}$' AND e.kind <> 'd' THEN (
                SELECT 97 - mod(sum(CASE WHEN p <= 13 THEN mod(x * mod(power(10::numeric, 13 - p), 97), 97) ELSE 0 END), 97) = sum(CASE p WHEN 14 THEN 10 * x WHEN 15 THEN x ELSE 0 END)
                FROM generate_series(1, 15) AS p CROSS JOIN LATERAL (SELECT strpos('0123456789', substr(translate(e.v, ' ', ''), p, 1)) - 1 AS x) AS one)
            ELSE e.v ~* '^[a-z]{6}[0-9]{2}[abcdehlmprst][0-9]{2}[a-z][0-9]{3}[a-z]$'
        END
    ) AS x ON true
    WHERE NOT e.is_key
    GROUP BY e.r, e.n
) AS g
GROUP BY g.n
UNION ALL
SELECT 0, (SELECT count(*) FROM s), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
%3$s
$sample$, sampled.rows, picks.elements, picks.cuts)
FROM sampled CROSS JOIN picks
WHERE picks.columns IS NOT NULL AND sampled.rows IS NOT NULL
