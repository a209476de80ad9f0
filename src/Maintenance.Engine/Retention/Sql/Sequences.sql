-- Sequences that give columns their values, as identities, as serials or by a default: those that count upwards. $1 the table's OID
SELECT DISTINCT a.attname::text,
       s.seqrelid::bigint,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.has_sequence_privilege(c.oid, 'UPDATE')
FROM pg_catalog.pg_attribute AS a
CROSS JOIN LATERAL (
    SELECT d.objid AS oid
    FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid
    FROM pg_catalog.pg_attrdef AS f
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
    WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) AS used
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = used.oid AND s.seqincrement > 0
JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
