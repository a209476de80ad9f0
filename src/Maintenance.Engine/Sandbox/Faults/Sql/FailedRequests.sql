-- Every fourth request fails, and the function that failed it says so.
WITH failed AS (
    UPDATE public.query_performance_logs SET succeeded = false
    WHERE operation = 'checkout' AND succeeded AND id % 4 = 0 AND "timestamp" > now() - interval '15 minutes'
    RETURNING request_id, "timestamp"
)
INSERT INTO public.error_logs ("timestamp", severity, component, message, request_id, context)
SELECT "timestamp", 'error', 'function-production-monitoring', 'TypeError: Cannot read properties of undefined (reading ''total'')', request_id, '{"region": "eu-central-1", "release": "2026.26"}'
FROM failed
