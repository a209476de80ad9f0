-- Sequences with their last value (null where the role may not see it, or none was taken yet) and what ends them: their own end, or
-- that of the narrowest integer column that takes their values, by ownership or by default. Then integer columns that are the primary
-- key by themselves and take no sequence's values, as they are sampled: their last value is known from samples alone, and none there is in an empty table.
-- What this module keeps for itself is left out: it is not what people ask about.
WITH integers (oid, least, most) AS (
    VALUES ('int2'::regtype, -32768::numeric, 32767::numeric),
           ('int4'::regtype, -2147483648::numeric, 2147483647::numeric),
           ('int8'::regtype, -9223372036854775808::numeric, 9223372036854775807::numeric)
), fed AS (
    SELECT dependency.objid AS sequence, dependency.refobjid AS relation, dependency.refobjsubid AS number
    FROM pg_depend AS dependency
    WHERE dependency.classid = 'pg_class'::regclass AND dependency.refclassid = 'pg_class'::regclass
      AND dependency.deptype IN ('a', 'i') AND dependency.refobjsubid > 0
    UNION
    SELECT dependency.refobjid, standard.adrelid, standard.adnum
    FROM pg_depend AS dependency
    JOIN pg_attrdef AS standard ON standard.oid = dependency.objid
    WHERE dependency.classid = 'pg_attrdef'::regclass AND dependency.refclassid = 'pg_class'::regclass
), narrowest AS (
    SELECT DISTINCT ON (fed.sequence) fed.sequence, format('%I.%I.%I', space.nspname, relation.relname, attribute.attname) AS name, attribute.atttypid::regtype::text AS type,
           integers.least, integers.most
    FROM fed
    JOIN pg_attribute AS attribute ON attribute.attrelid = fed.relation AND attribute.attnum = fed.number
    JOIN integers ON integers.oid = attribute.atttypid
    JOIN pg_class AS relation ON relation.oid = fed.relation
    JOIN pg_namespace AS space ON space.oid = relation.relnamespace
    ORDER BY fed.sequence, integers.most, name
)
SELECT format('%I.%I', space.nspname, class.relname) AS name, true, sequence.seqincrement < 0, sequence.seqcycle,
       CASE WHEN has_sequence_privilege(class.oid, 'SELECT, USAGE') AND (class.relpersistence = 'p' OR NOT pg_is_in_recovery())
            THEN pg_sequence_last_value(class.oid)::float8 END,
       CASE WHEN sequence.seqincrement > 0 THEN least(sequence.seqmax, narrowest.most) ELSE greatest(sequence.seqmin, narrowest.least) END::float8,
       CASE WHEN narrowest.sequence IS NOT NULL
                 AND CASE WHEN sequence.seqincrement > 0 THEN narrowest.most <= sequence.seqmax ELSE narrowest.least >= sequence.seqmin END
            THEN narrowest.type || ' of ' || narrowest.name
            ELSE 'end of the sequence' END,
       NOT has_sequence_privilege(class.oid, 'SELECT, USAGE'), false, quote_ident(space.nspname)
FROM pg_sequence AS sequence
JOIN pg_class AS class ON class.oid = sequence.seqrelid
JOIN pg_namespace AS space ON space.oid = class.relnamespace
LEFT JOIN narrowest ON narrowest.sequence = class.oid
WHERE class.relpersistence <> 't' AND space.nspname NOT IN ('maintenance', 'maintenance_agent')
UNION ALL
SELECT DISTINCT format('%I.%I.%I', space.nspname, relation.relname, attribute.attname), false, false, false, NULL::float8, integers.most::float8, attribute.atttypid::regtype::text, false,
       relation.relpages <= 0 AND pg_stat_get_live_tuples(relation.oid) = 0
       AND NOT EXISTS (SELECT FROM pg_inherits AS heir JOIN pg_class AS part ON part.oid = heir.inhrelid
                       WHERE heir.inhparent = relation.oid AND (part.relkind <> 'r' OR part.relpages > 0 OR pg_stat_get_live_tuples(part.oid) > 0)),
       quote_ident(space.nspname)
FROM pg_index AS key
JOIN pg_class AS relation ON relation.oid = key.indrelid
JOIN pg_namespace AS space ON space.oid = relation.relnamespace
JOIN pg_attribute AS attribute ON attribute.attrelid = key.indrelid AND attribute.attnum = key.indkey[0]
JOIN integers ON integers.oid = attribute.atttypid
WHERE key.indisprimary AND NOT relation.relispartition AND key.indnkeyatts = 1 AND relation.relkind IN ('r', 'p') AND relation.relpersistence <> 't'
  AND space.nspname NOT IN ('pg_catalog', 'information_schema', 'maintenance', 'maintenance_agent') AND space.nspname NOT LIKE 'pg\_toast%'
  AND NOT EXISTS (SELECT FROM fed JOIN pg_sequence ON pg_sequence.seqrelid = fed.sequence WHERE fed.relation = key.indrelid AND fed.number = attribute.attnum)
ORDER BY 1
