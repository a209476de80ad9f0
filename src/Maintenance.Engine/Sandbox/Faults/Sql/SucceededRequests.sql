UPDATE public.query_performance_logs SET succeeded = true WHERE operation = 'checkout' AND NOT succeeded
