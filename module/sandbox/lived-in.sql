-- What years of use leave behind. Nothing here is faked: the rows died, the index failed, the statements ran.
-- Below a heading, "-- expect: CODE" says with which error the step must fail, and "-- repeat: N" how often it runs.
-- VACUUM and CREATE INDEX CONCURRENTLY stand alone in their steps, since they cannot run in a transaction.

-- step: Turning autovacuum off where traces are to stay
ALTER TABLE public.user_consents SET (autovacuum_enabled = false);
ALTER TABLE public.trust_scores SET (autovacuum_enabled = false);
ALTER TABLE public.error_logs SET (autovacuum_enabled = false);

-- step: Looking consents up
-- repeat: 25
SELECT consent_type, granted, policy_version FROM public.user_consents WHERE user_id = (SELECT id FROM auth.users ORDER BY id LIMIT 1);

-- step: Adding indexes in passing
-- The same once more, by somebody who did not look.
CREATE INDEX user_consents_user_id_idx ON public.user_consents (user_id);
-- For a search that was never built.
CREATE INDEX idx_query_performance_logs_request_id ON public.query_performance_logs (request_id, operation, "timestamp");

-- step: Logging too much
-- A release logged every request for a while, between all other entries.
INSERT INTO public.error_logs ("timestamp", severity, component, message)
SELECT at, 'debug', 'api-gateway', 'Request ' || n || ' routed'
FROM sandbox.times(3 * sandbox.amount(12000, 120), 180)
ORDER BY n;

-- Something is going wrong just now: a burst that began 40 minutes ago.
INSERT INTO public.error_logs ("timestamp", severity, component, message, request_id, context)
SELECT sandbox.moment() - interval '40 minutes' * (1 - n::float8 / amount),
       CASE WHEN n % 20 = 0 THEN 'critical' ELSE 'error' END,
       'function-gdpr-compliance',
       'Consent lookup timed out after 5000 ms',
       sandbox.uuid(n, 48),
       '{"region": "eu-central-1", "release": "2026.25"}'
FROM (SELECT sandbox.amount(120, 20) AS amount) AS counts
CROSS JOIN LATERAL generate_series(1, amount) AS n
ORDER BY n;

-- step: Cleaning the log up
DELETE FROM public.error_logs WHERE severity = 'debug';

-- step: Reporting what changed
-- The server counts changes with a delay; what is counted after VACUUM or ANALYZE would be counted twice (PostgreSQL 15 and later).
DO $$
BEGIN
    IF to_regprocedure('pg_stat_force_next_flush()') IS NOT NULL THEN
        PERFORM pg_stat_force_next_flush();
    END IF;
END
$$;

-- step: Vacuuming error_logs
-- The dead rows go, the space stays: a table and indexes that are mostly empty, and no dead row to tell of it.
VACUUM public.error_logs;

-- step: Updating every row
-- In one transaction, so that no version makes room for the next.
UPDATE public.user_consents SET source = 'sign-up' WHERE source = 'banner';
UPDATE public.user_consents SET ip_address = network(set_masklen(ip_address, 24));
UPDATE public.user_consents SET updated_at = updated_at + interval '1 second';
UPDATE public.trust_scores SET score = greatest(0, score - 0.5);
UPDATE public.trust_scores SET factors = factors || '{"recalculated": true}';

-- step: A constraint nobody validated
ALTER TABLE public.profiles ADD CONSTRAINT profiles_country_code CHECK (country ~ '^[A-Z]{2}$') NOT VALID;

-- step: A unique index over rows that are not unique
-- expect: 23505
CREATE UNIQUE INDEX CONCURRENTLY idx_trust_scores_one_per_user ON public.trust_scores (user_id);

-- step: Reporting what changed
-- The server counts changes with a delay; what is counted after VACUUM or ANALYZE would be counted twice (PostgreSQL 15 and later).
DO $$
BEGIN
    IF to_regprocedure('pg_stat_force_next_flush()') IS NOT NULL THEN
        PERFORM pg_stat_force_next_flush();
    END IF;
END
$$;

-- step: Gathering statistics
ANALYZE;

-- step: Putting the tools away
DROP SCHEMA sandbox CASCADE;
DO $$
DECLARE
    home regnamespace;
BEGIN
    SELECT extnamespace INTO home FROM pg_extension WHERE extname = 'pg_stat_statements';
    IF FOUND THEN
        -- Of this database alone, so that the statements above do not stand beside those below.
        EXECUTE format('SELECT %s.pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()', home);
    END IF;
EXCEPTION
    WHEN object_not_in_prerequisite_state OR insufficient_privilege THEN
        RAISE NOTICE 'pg_stat_statements does not work here: %', SQLERRM;
END
$$;

-- step: Ordinary work
-- repeat: 25
SELECT consent_type, granted, policy_version FROM public.user_consents WHERE user_id = (SELECT id FROM auth.users ORDER BY id LIMIT 1);
SELECT score, calculated_at FROM public.trust_scores WHERE user_id = (SELECT id FROM auth.users ORDER BY id LIMIT 1) ORDER BY calculated_at DESC LIMIT 1;
SELECT severity, component, message FROM public.error_logs WHERE "timestamp" > now() - interval '15 minutes' ORDER BY "timestamp" DESC LIMIT 50;
SELECT metric, count(*) FROM public.performance_alerts WHERE created_at > now() - interval '1 day' GROUP BY metric;
UPDATE public.profiles SET updated_at = now() WHERE id = (SELECT id FROM public.profiles WHERE country = 'DE' ORDER BY id LIMIT 1);

-- step: Reports
-- repeat: 3
SELECT component, severity, count(*) FROM public.error_logs GROUP BY component, severity ORDER BY count(*) DESC;
SELECT operation, avg(duration_ms), percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) FROM public.query_performance_logs GROUP BY operation;

-- step: A report that is far too slow
-- How many queries ran within a minute of each other? Compares each with all, one by one, where a sorted pass would do.
-- It gives up after 1.1 s, so that it is as slow on a fast machine as on a slow one.
WITH RECURSIVE report (id, neighbours) AS (
    SELECT 0::bigint, 0::bigint
    UNION ALL
    SELECT report.id + 1,
           (SELECT count(*)
            FROM public.query_performance_logs AS a
            JOIN public.query_performance_logs AS b ON abs(extract(epoch FROM a."timestamp" - b."timestamp")) < 60
            WHERE a.id = report.id + 1)
    FROM report
    WHERE clock_timestamp() < statement_timestamp() + interval '1.1 seconds'
)
SELECT max(id) AS compared, sum(neighbours) AS neighbours FROM report;
