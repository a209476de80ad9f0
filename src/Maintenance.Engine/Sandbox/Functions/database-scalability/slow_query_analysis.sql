SELECT jsonb_build_object('slow_queries', coalesce(jsonb_agg(jsonb_build_object(
    'query_text', query,
    'avg_duration', round(mean_exec_time::numeric, 3),
    'execution_count', calls) ORDER BY mean_exec_time DESC), '[]'))
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mean_exec_time > coalesce(($1 ->> 'threshold_ms')::float8, 1000)
