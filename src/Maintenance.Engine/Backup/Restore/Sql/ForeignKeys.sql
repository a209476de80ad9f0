-- For each foreign key, a statement that counts rows that point to nothing, up to a thousand: that the server calls a key valid only
-- says that it was told so. Keys of partitions are counted with their table.
SELECT format('%I.%I: %I', child_schema.nspname, child.relname, conname),
       format(
           'SELECT count(*) FROM (SELECT FROM %s%I.%I AS c WHERE %s AND NOT EXISTS (SELECT FROM %s%I.%I AS p WHERE %s) LIMIT 1000) AS orphans',
           CASE WHEN child.relkind = 'p' THEN '' ELSE 'ONLY ' END, child_schema.nspname, child.relname,
           CASE confmatchtype
               WHEN 'f' THEN format('NOT (%s)', string_agg(format('c.%I IS NULL', child_column.attname), ' AND ' ORDER BY position))
               ELSE string_agg(format('c.%I IS NOT NULL', child_column.attname), ' AND ' ORDER BY position)
           END,
           CASE WHEN parent.relkind = 'p' THEN '' ELSE 'ONLY ' END, parent_schema.nspname, parent.relname,
           string_agg(
               format('p.%I OPERATOR(%I.%s) c.%I', parent_column.attname, operator_schema.nspname, oprname, child_column.attname),
               ' AND ' ORDER BY position))
FROM pg_constraint
CROSS JOIN LATERAL unnest(conkey, confkey, conpfeqop) WITH ORDINALITY AS pairs (child_number, parent_number, operator, position)
JOIN pg_class AS child ON child.oid = conrelid
JOIN pg_namespace AS child_schema ON child_schema.oid = child.relnamespace
JOIN pg_class AS parent ON parent.oid = confrelid
JOIN pg_namespace AS parent_schema ON parent_schema.oid = parent.relnamespace
JOIN pg_attribute AS child_column ON child_column.attrelid = conrelid AND child_column.attnum = child_number
JOIN pg_attribute AS parent_column ON parent_column.attrelid = confrelid AND parent_column.attnum = parent_number
JOIN pg_operator ON pg_operator.oid = operator
JOIN pg_namespace AS operator_schema ON operator_schema.oid = oprnamespace
WHERE contype = 'f'
  AND conparentid = 0
  AND convalidated
  -- Keys with PERIOD (18) are not of this form.
  AND NOT coalesce((to_jsonb(pg_constraint) ->> 'conperiod')::boolean, false)
GROUP BY pg_constraint.oid, child_schema.nspname, child.relname, child.relkind, conname, confmatchtype, parent.relkind, parent_schema.nspname, parent.relname
ORDER BY 1
