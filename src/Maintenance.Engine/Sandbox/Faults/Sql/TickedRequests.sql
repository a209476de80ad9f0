-- What was answered, as the audit log has it, is ticked off.
UPDATE public.data_subject_requests SET status = 'completed', completed_at = log.created_at
FROM public.gdpr_audit_log AS log
WHERE completed_at IS NULL AND log.action = 'request_completed' AND log.details ->> 'data_subject_request' = data_subject_requests.id::text
