UPDATE public.query_performance_logs SET duration_ms = 90 + id % 5 * 10 WHERE operation = 'checkout' AND duration_ms > 1000
