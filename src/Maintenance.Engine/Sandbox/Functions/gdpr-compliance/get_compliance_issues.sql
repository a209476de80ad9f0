WITH late AS (
    SELECT EXISTS (SELECT FROM public.gdpr_audit_log AS log
                   WHERE log.action = 'request_completed' AND log.details ->> 'data_subject_request' = requests.id::text) AS answered
    FROM public.data_subject_requests AS requests
    WHERE completed_at IS NULL AND due_at < now()
)
SELECT jsonb_build_object('issues', coalesce(jsonb_agg(jsonb_build_object('issue', issue, 'severity', severity) ORDER BY issue), '[]'))
FROM (
    SELECT format('%s requests are overdue', count(*)) AS issue, 'high' AS severity
    FROM late WHERE NOT answered HAVING count(*) > 0
    UNION ALL
    SELECT format('%s requests were answered, but not ticked off', count(*)), 'low'
    FROM late WHERE answered HAVING count(*) > 0
    UNION ALL
    SELECT format('%s alerts stand open for more than a week', count(*)), 'low'
    FROM public.performance_alerts WHERE resolved_at IS NULL AND created_at < now() - interval '7 days' HAVING count(*) > 0
) AS issues
