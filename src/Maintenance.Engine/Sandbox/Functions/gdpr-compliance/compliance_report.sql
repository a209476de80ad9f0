-- Consents: accounts whose data processing is consented to. Requests: those of a kind that were answered in time, of all that were
-- answered or are due. Audit: days of the last 30 with an entry. The score is their mean.
WITH consents AS (
    SELECT 100.0 * count(*) FILTER (WHERE EXISTS (
        SELECT FROM public.user_consents WHERE user_id = users.id AND consent_type = 'data_processing' AND granted)) / nullif(count(*), 0) AS percent
    FROM auth.users
), requests AS (
    SELECT request_type, 100.0 * count(*) FILTER (WHERE completed_at <= due_at) / nullif(count(*), 0) AS percent
    FROM public.data_subject_requests
    WHERE completed_at IS NOT NULL OR due_at < now()
    GROUP BY request_type
), audit AS (
    SELECT 100.0 * count(DISTINCT created_at::date) / 30 AS percent
    FROM public.gdpr_audit_log
    WHERE created_at >= current_date - 29
), parts AS (
    SELECT round(consents.percent, 2) AS consent,
           round((SELECT percent FROM requests WHERE request_type = 'access'), 2) AS access,
           round((SELECT percent FROM requests WHERE request_type = 'erasure'), 2) AS deletion,
           least(100, round(audit.percent, 2)) AS audit
    FROM consents, audit
)
SELECT jsonb_build_object(
    'compliance_score', (SELECT round(avg(part), 1) FROM unnest(ARRAY[consent, access, deletion, audit]) AS part),
    'consent_compliance', consent,
    'access_request_compliance', access,
    'deletion_compliance', deletion,
    'audit_compliance', audit,
    'issues', to_jsonb(array_remove(ARRAY[
        CASE WHEN consent < 100 THEN format('%s %% of the accounts have no consent to data processing', 100 - consent) END,
        CASE WHEN access < 100 THEN format('%s %% of the access requests were not answered in time', 100 - access) END,
        CASE WHEN deletion < 100 THEN format('%s %% of the erasures were not done in time', 100 - deletion) END,
        CASE WHEN audit < 100 THEN format('%s %% of the last 30 days have no audit entry', 100 - audit) END
    ], NULL)),
    'processing_activities', (SELECT coalesce(jsonb_agg(jsonb_build_object('activity_type', activity_type, 'processed_records', records) ORDER BY activity_type), '[]')
                              FROM (SELECT activity_type, sum(processed_records) AS records FROM public.gdpr_audit_log
                                    WHERE created_at > now() - interval '30 days' GROUP BY activity_type) AS activities),
    'action_items', CASE WHEN access < 100 OR deletion < 100
                         THEN jsonb_build_array(jsonb_build_object('action', 'Answer overdue requests', 'priority', 'high')) ELSE '[]' END)
FROM parts
