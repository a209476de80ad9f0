-- Sequences that were used, and integer primary keys that no sequence feeds, by their highest value.
SELECT pg_catalog.format('%I.%I', schemaname, sequencename) AS name, last_value, max_value
FROM pg_catalog.pg_sequences
WHERE last_value IS NOT NULL AND schemaname !~ '^pg_'
UNION ALL
SELECT key.name, key.last, key.most
FROM (SELECT pg_catalog.format('%I.%I.%I', space.nspname, relation.relname, attribute.attname) AS name,
             ((pg_catalog.xpath('//last/text()', pg_catalog.query_to_xml(
                 pg_catalog.format('SELECT max(%I) AS last FROM %I.%I', attribute.attname, space.nspname, relation.relname), false, false, '')))[1]::text)::bigint AS last,
             CASE attribute.attlen WHEN 2 THEN 32767 WHEN 4 THEN 2147483647 ELSE 9223372036854775807 END AS most
      FROM pg_catalog.pg_index AS index
      JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indrelid
      JOIN pg_catalog.pg_namespace AS space ON space.oid = relation.relnamespace
      JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = index.indkey[0]
      WHERE index.indisprimary AND index.indnkeyatts = 1 AND relation.relkind IN ('r', 'p') AND NOT relation.relispartition
        AND attribute.atttypid IN ('int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype, 'int8'::pg_catalog.regtype)
        AND space.nspname !~ '^(pg_|information_schema$)' AND attribute.attidentity = ''
        AND pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', space.nspname, relation.relname), attribute.attname) IS NULL) AS key
WHERE key.last IS NOT NULL
ORDER BY 1
