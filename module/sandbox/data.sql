-- The sample's rows. Settings of the session, made by the module:
--   sandbox.scale  how much: 1 is some ten thousand rows
--   sandbox.seed   which: the same seed and scale give the same rows, on every version of PostgreSQL
--   sandbox.now    the end of the period that the rows cover; only times depend on it
-- Every choice hangs on a hash of seed and row number, never on the order in which the server happens to work.

-- step: Helpers
-- Compiling costs more than it saves on statements as short as these.
SET jit = off;
CREATE SCHEMA sandbox;

CREATE FUNCTION sandbox.amount(at_scale_1 bigint, at_least bigint DEFAULT 1) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(at_least, round(at_scale_1 * current_setting('sandbox.scale')::float8)::bigint)
$$;

CREATE FUNCTION sandbox.moment() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT current_setting('sandbox.now')::timestamptz
$$;

-- A number from 0 to below 1 for row n. Each column has a stream of its own, so that columns do not hang together.
CREATE FUNCTION sandbox.random(n bigint, stream int) RETURNS float8 LANGUAGE sql STABLE AS $$
    SELECT (hashint8extended(n, current_setting('sandbox.seed')::bigint * 1000 + stream) & 4503599627370495) / 4503599627370496.0::float8
$$;

-- One of the choices; those in front come more often.
CREATE FUNCTION sandbox.choose(choices text[], n bigint, stream int, skew float8 DEFAULT 1) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT choices[1 + floor(cardinality(choices) * power(sandbox.random(n, stream), skew))::int]
$$;

CREATE FUNCTION sandbox.uuid(n bigint, stream int) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT md5(current_setting('sandbox.seed') || '/' || stream || '/' || n)::uuid
$$;

-- Times for rows 1 to amount, rising with n, over some days up to now: busy by day (UTC), quiet by night and on weekends.
CREATE FUNCTION sandbox.times(amount bigint, days int) RETURNS TABLE (n bigint, at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT n, hour + interval '1 hour' * (((n - sandbox.random(n, 1)) * total - amount * (upto - weight)) / (amount * weight))
    FROM (
        SELECT hour, weight, sum(weight) OVER (ORDER BY hour)::bigint AS upto, sum(weight) OVER ()::bigint AS total
        FROM (
            SELECT hour,
                   (2 + CASE WHEN extract(hour FROM utc) BETWEEN 7 AND 18 THEN 8 WHEN extract(hour FROM utc) BETWEEN 19 AND 22 THEN 4 ELSE 0 END)
                   * CASE WHEN extract(isodow FROM utc) >= 6 THEN 1 ELSE 3 END AS weight
            FROM generate_series(sandbox.moment() - interval '1 day' * days, sandbox.moment() - interval '1 hour', interval '1 hour') AS hour,
                 timezone('UTC', hour) AS utc
        ) AS weighted
    ) AS summed,
    generate_series((upto - weight) * amount / total + 1, upto * amount / total) AS n
$$;

-- step: Accounts
CREATE TABLE sandbox.people AS
SELECT n,
       sandbox.uuid(n, 10) AS id,
       at AS created_at,
       sandbox.choose(ARRAY['Anna', 'Ben', 'Chiara', 'David', 'Elif', 'Fatima', 'Georg', 'Hanna', 'Ivan', 'José', 'Kaito', 'Lena',
                            'Müge', 'Noah', 'Olivia', 'Paweł', 'Quentin', 'Rosa', 'Søren', 'Tereza', 'Uma', 'Victor', 'Wanda', 'Yuki', 'Zoë'], n, 11) AS first_name,
       sandbox.choose(ARRAY['Andersen', 'Berg', 'Costa', 'Dubois', 'Eriksson', 'Fischer', 'García', 'Horváth', 'Ito', 'Jansen', 'Kowalski',
                            'Lindqvist', 'Meyer', 'Novák', 'O''Brien', 'Petrov', 'Rossi', 'Silva', 'Tanaka', 'Weber', 'Yılmaz'], n, 12) AS last_name
FROM sandbox.times(sandbox.amount(2000, 20), 720);
ALTER TABLE sandbox.people ADD PRIMARY KEY (n);
ANALYZE sandbox.people;

INSERT INTO auth.users (id, email, raw_app_meta_data, created_at, last_sign_in_at)
SELECT id,
       'user' || n || '@example.com',
       jsonb_build_object('provider', sandbox.choose(ARRAY['email', 'google', 'github'], n, 13, 2),
                          'role', CASE WHEN n % 500 = 7 THEN 'admin' ELSE 'member' END),
       created_at,
       -- Most were here lately, some long ago, a few never came back.
       CASE WHEN sandbox.random(n, 14) < 0.96
            THEN created_at + (sandbox.moment() - created_at) * (1 - power(sandbox.random(n, 15), 4)) END
FROM sandbox.people
ORDER BY n;

INSERT INTO public.profiles (id, display_name, phone, country, created_at, updated_at)
SELECT id,
       first_name || ' ' || last_name,
       -- Numbers that the regulator keeps for fiction.
       CASE WHEN sandbox.random(n, 16) < 0.4 THEN '+44 20 7946 0' || to_char(n % 1000, 'FM000') END,
       -- Old records were typed by hand.
       CASE WHEN sandbox.random(n, 17) < 0.02 OR n = 1 THEN sandbox.choose(ARRAY['Germany', 'uk', 'U.K.'], n, 18)
            ELSE sandbox.choose(ARRAY['DE', 'GB', 'FR', 'NL', 'ES', 'IT', 'PL', 'SE', 'CZ', 'JP'], n, 19, 1.7) END,
       created_at,
       created_at
FROM sandbox.people
ORDER BY n;

-- step: Consents
INSERT INTO public.user_consents (id, user_id, consent_type, granted, policy_version, source, ip_address, granted_at, withdrawn_at, created_at, updated_at)
SELECT sandbox.uuid(row, 20),
       id,
       consent_type,
       NOT withdrawn,
       CASE WHEN sandbox.random(row, 21) < 0.9 THEN '2.0' ELSE '1.3' END,
       sandbox.choose(ARRAY['sign-up', 'banner', 'settings', 'support'], row, 22, 1.5),
       -- Addresses kept for documentation.
       ('203.0.113.' || floor(sandbox.random(n, 23) * 254 + 1))::inet,
       at,
       CASE WHEN withdrawn THEN at + (sandbox.moment() - at) * sandbox.random(row, 24) END,
       at,
       at
FROM sandbox.people
CROSS JOIN unnest(ARRAY['data_processing', 'analytics', 'marketing']) WITH ORDINALITY AS types (consent_type, type)
CROSS JOIN LATERAL (SELECT n * 3 + type AS row) AS numbered
CROSS JOIN LATERAL (SELECT least(created_at + interval '1 minute' * (1 + 9 * sandbox.random(row, 25)), sandbox.moment()) AS at,
                           sandbox.random(row, 26) < (ARRAY[0.01, 0.10, 0.25])[type] AS withdrawn) AS chosen
-- Without consent to the processing there is no account; a few slipped through.
WHERE sandbox.random(row, 27) < (ARRAY[0.99, 0.95, 0.85])[type]
ORDER BY row;

-- step: Trust scores
INSERT INTO public.trust_scores (user_id, score, factors, model_version, calculated_at)
SELECT sandbox.uuid(1 + (n * 7919) % people, 10),
       round((100 * (1 - power(sandbox.random(n, 30), 3)))::numeric, 2),
       jsonb_build_object('account_age', round(sandbox.random(n, 31)::numeric, 2), 'verified', sandbox.random(n, 32) < 0.8,
                          'reports', floor(power(sandbox.random(n, 33), 6) * 5)),
       CASE WHEN n * 3 > amount THEN 'v4' ELSE 'v3' END,
       at
FROM (SELECT sandbox.amount(4000, 40) AS amount, sandbox.amount(2000, 20) AS people) AS counts
CROSS JOIN LATERAL sandbox.times(amount, 180)
ORDER BY n;

-- step: Error logs
-- The counter has counted for years: 85 percent of what an integer can hold.
ALTER TABLE public.error_logs ALTER COLUMN id RESTART WITH 1825361101;

CREATE TABLE sandbox.errors (kind int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, weight int, severity text, component text, message text);
INSERT INTO sandbox.errors (weight, severity, component, message) VALUES
    (220, 'warning', 'api-gateway', 'Request took %s ms, slower than its budget'),
    (160, 'error', 'function-production-monitoring', 'Upstream answered 503 after %s ms'),
    (130, 'error', 'function-error-tracking', 'Could not parse event %s: unexpected end of JSON input'),
    (120, 'warning', 'auth', 'Sign-in of %e refused: invalid credentials'),
    (100, 'error', 'function-database-scalability', 'canceling statement due to statement timeout after %s ms'),
    (80, 'error', 'function-gdpr-compliance', 'Consent report of %s rows exceeded the memory limit'),
    (60, 'warning', 'mailer', 'Mail to %e deferred: mailbox full'),
    (50, 'info', 'scheduler', 'Job nightly-export started %s s late'),
    (40, 'error', 'trust-engine', 'Score of account not written: deadlock detected, attempt %s'),
    (25, 'error', 'storage', 'Upload %s failed: connection reset by peer'),
    (10, 'critical', 'database', 'remaining connection slots are reserved, %s clients waiting'),
    (5, 'critical', 'function-gdpr-compliance', 'Erasure job %s stopped: audit log not writable');

CREATE FUNCTION sandbox.error_kind(n bigint, stream int) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT width_bucket(sandbox.random(n, stream) * 1000, ARRAY[220, 380, 510, 630, 730, 810, 870, 920, 960, 985, 995]::float8[]) + 1
$$;

INSERT INTO public.error_logs ("timestamp", severity, component, message, user_id, request_id, context, resolved)
SELECT at,
       severity,
       component,
       replace(replace(message, '%s', floor(power(10, 1 + 3 * sandbox.random(n, 41)))::text),
               '%e', 'user' || who || '@example.com'),
       CASE WHEN sandbox.random(n, 42) < 0.6 THEN sandbox.uuid(who, 10) END,
       sandbox.uuid(n, 43),
       jsonb_build_object('region', sandbox.choose(ARRAY['eu-central-1', 'eu-west-1'], n, 44), 'attempt', 1 + floor(3 * power(sandbox.random(n, 45), 3)),
                          'release', '2026.' || 1 + n * 24 / amount),
       sandbox.random(n, 46) < 0.9
FROM (SELECT sandbox.amount(12000, 120) AS amount, sandbox.amount(2000, 20) AS people) AS counts
CROSS JOIN LATERAL sandbox.times(amount, 180)
CROSS JOIN LATERAL (SELECT 1 + floor(people * power(sandbox.random(n, 47), 2))::bigint AS who) AS chosen
JOIN sandbox.errors ON kind = sandbox.error_kind(n, 40)
ORDER BY n;

-- What earlier clean-ups have moved away.
INSERT INTO public.error_logs_archive (id, "timestamp", severity, component, message, request_id, resolved, archived_at)
SELECT 1825361100 - amount + n,
       at - interval '180 days',
       severity,
       component,
       replace(replace(message, '%s', floor(power(10, 1 + 3 * sandbox.random(n, 51)))::text), '%e', 'user' || n || '@example.com'),
       sandbox.uuid(n, 52),
       true,
       at - interval '90 days'
FROM (SELECT sandbox.amount(2000, 20) AS amount) AS counts
CROSS JOIN LATERAL sandbox.times(amount, 90)
JOIN sandbox.errors ON kind = sandbox.error_kind(n, 50)
ORDER BY n;

-- step: Performance alerts
INSERT INTO public.performance_alerts (metric, severity, threshold, value, message, created_at, resolved_at)
SELECT metric,
       severity,
       threshold,
       round((threshold + (worst - threshold) * power(sandbox.random(n, 61), 2))::numeric, 1),
       message,
       at,
       CASE WHEN sandbox.random(n, 62) < 0.97 THEN at + least(sandbox.moment() - at, interval '2 hours') * power(sandbox.random(n, 63), 2) END
FROM sandbox.times(sandbox.amount(4000, 40), 180)
JOIN (VALUES
    (1, 'overall_health_percent', 'warning', 90, 70, 'System health score below 90%'),
    (2, 'avg_response_time', 'warning', 1000, 2000, 'Average response time exceeds 1000ms'),
    (3, 'avg_response_time', 'critical', 2000, 6000, 'Average response time exceeds 2000ms - immediate action required'),
    (4, 'error_rate', 'warning', 2, 5, 'Error rate above 2%'),
    (5, 'error_rate', 'critical', 5, 20, 'Error rate above 5% - system degradation detected'),
    (6, 'connection_pool_usage', 'warning', 80, 95, 'Database connection pool usage above 80%'),
    (7, 'connection_pool_usage', 'critical', 95, 100, 'Database connection pool near capacity'),
    (8, 'storage_usage_percent', 'warning', 80, 90, 'Storage usage above 80%'),
    (9, 'gdpr_compliance_score', 'warning', 95, 90, 'GDPR compliance score below 95%'),
    (10, 'gdpr_compliance_score', 'critical', 90, 80, 'GDPR compliance critical - immediate action required')
) AS rules (rule, metric, severity, threshold, worst, message) ON rule = 1 + floor(10 * sandbox.random(n, 60))::int
ORDER BY n;

-- step: Data subject requests
INSERT INTO public.data_subject_requests (id, user_id, request_type, status, received_at, due_at, completed_at)
SELECT sandbox.uuid(n, 70),
       sandbox.uuid(1 + (n * 37) % people, 10),
       request_type,
       status,
       sandbox.moment() - interval '1 day' * age,
       sandbox.moment() - interval '1 day' * (age - 30),
       CASE WHEN status IN ('completed', 'rejected')
            THEN sandbox.moment() - interval '1 day' * age * (1 - sandbox.random(n, 71) * least(1, 34 / age)) END
FROM (SELECT sandbox.amount(240, 40) AS amount, sandbox.amount(2000, 20) AS people) AS counts
CROSS JOIN LATERAL generate_series(1, amount) AS n
CROSS JOIN LATERAL (
    SELECT 0.1 + 175 * sandbox.random(n, 72) AS age,
           sandbox.choose(ARRAY['access', 'erasure', 'rectification', 'portability', 'objection'], n, 73, 1.8) AS request_type
) AS chosen
-- What is past its month should be done; some of it is not.
CROSS JOIN LATERAL (
    SELECT CASE WHEN sandbox.random(n, 74) < CASE WHEN age > 30 THEN 0.93 ELSE 0.4 END
                THEN CASE WHEN sandbox.random(n, 75) < 0.95 THEN 'completed' ELSE 'rejected' END
                ELSE sandbox.choose(ARRAY['in_progress', 'received'], n, 76) END AS status
) AS progress
ORDER BY n;

-- An erasure that is completed leaves nothing personal behind; a few did.
CREATE TABLE sandbox.erased AS
SELECT DISTINCT user_id AS id
FROM public.data_subject_requests
WHERE request_type = 'erasure' AND status = 'completed' AND user_id::text !~ '^[01]';
UPDATE public.profiles SET display_name = NULL, phone = NULL WHERE id IN (SELECT id FROM sandbox.erased);
UPDATE auth.users SET email = 'erased-' || left(id::text, 13) || '@example.com' WHERE id IN (SELECT id FROM sandbox.erased);

-- step: Audit log
-- Every completed request is on record, but for a few.
INSERT INTO public.gdpr_audit_log (user_id, actor, action, activity_type, legal_basis, processed_records, details, created_at)
SELECT user_id, actor, action, activity_type, legal_basis, processed_records, details, created_at
FROM (
    SELECT sandbox.uuid(1 + floor(people * sandbox.random(n, 80))::bigint, 10) AS user_id,
           CASE WHEN sandbox.random(n, 81) < 0.9 THEN 'system' ELSE 'operator' || 1 + n % 4 || '@example.com' END AS actor,
           action,
           activity_type,
           legal_basis,
           1 + floor(records * sandbox.random(n, 82)) AS processed_records,
           jsonb_build_object('request_id', sandbox.uuid(n, 83)) AS details,
           at AS created_at
    FROM (SELECT sandbox.amount(10000, 100) AS amount, sandbox.amount(2000, 20) AS people) AS counts
    CROSS JOIN LATERAL sandbox.times(amount, 180)
    JOIN (VALUES
        (1, 'consent_granted', 'consent_management', 'consent', 1),
        (2, 'consent_withdrawn', 'consent_management', 'consent', 1),
        (3, 'profile_viewed', 'support', 'contract', 1),
        (4, 'score_calculated', 'profiling', 'legitimate_interest', 40),
        (5, 'mail_sent', 'marketing', 'consent', 200),
        (6, 'rows_deleted', 'retention', 'legal_obligation', 500)
    ) AS kinds (kind, action, activity_type, legal_basis, records) ON kind = 1 + floor(6 * power(sandbox.random(n, 84), 1.5))::int
    UNION ALL
    SELECT user_id, 'system', 'request_completed', request_type || '_request', 'legal_obligation', 1, jsonb_build_object('data_subject_request', id), completed_at
    FROM public.data_subject_requests
    WHERE status = 'completed' AND id::text !~ '^0'
) AS entries
ORDER BY created_at, details::text COLLATE "C";

-- Somebody took entries out by hand: their numbers are missing.
DELETE FROM public.gdpr_audit_log
WHERE id IN (SELECT max(id) - back FROM public.gdpr_audit_log, unnest(ARRAY[150, 151, 152, 400]) AS back GROUP BY back);

-- step: Query performance
-- Durations are log-normal; the scores have become slower since the new model came.
INSERT INTO public.query_performance_logs (operation, duration_ms, rows_returned, succeeded, request_id, "timestamp")
SELECT operation,
       round((typical * exp(spread * sqrt(-2 * ln(1 - sandbox.random(n, 91))) * cos(2 * pi() * sandbox.random(n, 92)))
              * CASE WHEN kind = 1 AND n * 10 > amount * 9 THEN 1.5 ELSE 1 END)::numeric, 3),
       floor(records * sandbox.random(n, 93)),
       sandbox.random(n, 94) < 0.985,
       sandbox.uuid(n, 95),
       at
FROM (SELECT sandbox.amount(20000, 5000) AS amount) AS counts
CROSS JOIN LATERAL sandbox.times(amount, 180)
JOIN (VALUES
    (1, 'trust_score_calculation', 85, 0.6, 1),
    (2, 'consent_lookup', 4, 0.5, 3),
    (3, 'dashboard_load', 140, 0.4, 50),
    (4, 'error_search', 60, 0.9, 200),
    (5, 'compliance_report', 600, 0.5, 1000)
) AS kinds (kind, operation, typical, spread, records) ON kind = 1 + floor(5 * power(sandbox.random(n, 90), 2))::int
ORDER BY n;

INSERT INTO public.query_performance_baselines (query_type, avg_duration, p95_duration, "timestamp")
SELECT operation,
       round(avg(duration_ms)::numeric, 3),
       round(percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms)::numeric, 3),
       max("timestamp")
FROM public.query_performance_logs
CROSS JOIN (SELECT max(id) AS amount FROM public.query_performance_logs) AS counts
WHERE succeeded
GROUP BY (id - 1) * 26 / amount, operation
ORDER BY (id - 1) * 26 / amount, operation;
