-- 400 requests for access that were answered five days after they came, as the audit log has it; nobody has ticked them off. Once, unless they are gone.
WITH made AS (
    INSERT INTO public.data_subject_requests (user_id, request_type, status, received_at, due_at)
    SELECT people.id, 'access', 'in_progress', now() - interval '40 days', now() - interval '10 days'
    FROM generate_series(1, 400) AS n
    LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM auth.users) AS people USING (n)
    WHERE NOT EXISTS (
        SELECT FROM public.data_subject_requests AS open
        JOIN public.gdpr_audit_log AS log ON log.action = 'request_completed' AND log.details ->> 'data_subject_request' = open.id::text
        WHERE open.completed_at IS NULL)
    RETURNING id, user_id, received_at
)
INSERT INTO public.gdpr_audit_log (user_id, actor, action, activity_type, legal_basis, processed_records, details, created_at)
SELECT user_id, 'system', 'request_completed', 'access_request', 'legal_obligation', 1, jsonb_build_object('data_subject_request', id), received_at + interval '5 days'
FROM made
