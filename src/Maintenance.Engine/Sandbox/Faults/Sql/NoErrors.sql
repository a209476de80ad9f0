DELETE FROM public.error_logs WHERE component = 'function-production-monitoring' AND message LIKE 'TypeError: %' AND "timestamp" > now() - interval '1 day'
