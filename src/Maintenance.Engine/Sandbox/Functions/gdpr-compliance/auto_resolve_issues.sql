-- What counts as low: alerts that stand open for more than a week, and requests that were answered, as the audit log has it, but not ticked off.
WITH resolved AS (
    UPDATE public.performance_alerts SET resolved_at = now()
    WHERE resolved_at IS NULL AND created_at < now() - interval '7 days' AND $1 ->> 'severity' = 'low'
    RETURNING id
), ticked AS (
    UPDATE public.data_subject_requests SET status = 'completed', completed_at = log.created_at
    FROM public.gdpr_audit_log AS log
    WHERE completed_at IS NULL AND log.action = 'request_completed' AND log.details ->> 'data_subject_request' = data_subject_requests.id::text
      AND $1 ->> 'severity' = 'low'
    RETURNING data_subject_requests.id
)
SELECT jsonb_build_object('resolved_count', (SELECT count(*) FROM resolved) + (SELECT count(*) FROM ticked))
