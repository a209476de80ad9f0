-- Foreign keys without an index that begins with their columns.
SELECT jsonb_build_object('recommendations', coalesce(jsonb_agg(jsonb_build_object(
    'suggestion', format('Add an index for the foreign key %s', conname),
    'impact', 'high',
    'effort', 'low',
    'auto_apply', true,
    'sql_command', format('CREATE INDEX CONCURRENTLY ON %s (%I);', conrelid::regclass, attname)) ORDER BY conname), '[]'))
FROM pg_constraint
JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
WHERE contype = 'f'
  AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])
