-- What counts as low: alerts that stand open for more than a week.
WITH resolved AS (
    UPDATE public.performance_alerts SET resolved_at = now()
    WHERE resolved_at IS NULL AND created_at < now() - interval '7 days' AND $1 ->> 'severity' = 'low'
    RETURNING id
)
SELECT jsonb_build_object('resolved_count', count(*)) FROM resolved
