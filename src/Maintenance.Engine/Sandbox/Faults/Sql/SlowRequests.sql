UPDATE public.query_performance_logs SET duration_ms = 2500 + id % 7 * 200
WHERE operation = 'checkout' AND duration_ms < 1000 AND "timestamp" > now() - interval '15 minutes'
