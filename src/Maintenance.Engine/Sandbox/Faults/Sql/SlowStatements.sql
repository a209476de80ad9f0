SELECT count(*) AS accounts, (SELECT pg_sleep(1.2)) FROM public.profiles

SELECT count(DISTINCT country), (SELECT pg_sleep(1.2)) FROM public.profiles

SELECT count(DISTINCT consent_type), (SELECT pg_sleep(1.2)) FROM public.user_consents

SELECT count(*), (SELECT pg_sleep(1.2)) FROM public.user_consents WHERE granted

SELECT max(score), (SELECT pg_sleep(1.2)) FROM public.trust_scores

SELECT count(DISTINCT severity), (SELECT pg_sleep(1.2)) FROM public.error_logs

SELECT count(DISTINCT component), (SELECT pg_sleep(1.2)) FROM public.error_logs

SELECT max(value), (SELECT pg_sleep(1.2)) FROM public.performance_alerts

SELECT count(DISTINCT status), (SELECT pg_sleep(1.2)) FROM public.data_subject_requests

SELECT sum(processed_records), (SELECT pg_sleep(1.2)) FROM public.gdpr_audit_log

SELECT avg(duration_ms), (SELECT pg_sleep(1.2)) FROM public.query_performance_logs

SELECT max(avg_duration), (SELECT pg_sleep(1.2)) FROM public.query_performance_baselines
