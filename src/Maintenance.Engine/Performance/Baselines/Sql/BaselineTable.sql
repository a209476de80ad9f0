-- The table of baselines that programs of the database read; no row if there is none. Names come back quoted.
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(current_user),
       ARRAY(SELECT wanted.name FROM unnest(ARRAY['query_type', 'avg_duration', 'p95_duration', 'timestamp']) AS wanted (name)
             WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = wanted.name AND a.attnum > 0 AND NOT a.attisdropped)),
       has_schema_privilege(n.oid, 'USAGE') AND coalesce((
           SELECT bool_and(has_column_privilege(c.oid, a.attnum, 'INSERT'))
           FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname IN ('query_type', 'avg_duration', 'p95_duration', 'timestamp')), false),
       coalesce((SELECT a.atttypid = 'timestamp without time zone'::regtype FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'timestamp' AND a.attnum > 0), false)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname = 'query_performance_baselines' AND c.relkind IN ('r', 'p', 'v', 'f')
