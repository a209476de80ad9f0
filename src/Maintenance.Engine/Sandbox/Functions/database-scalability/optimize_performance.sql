-- Ends transactions that have idled for an hour: what holds back vacuum.
WITH ended AS (
    SELECT pg_terminate_backend(pid) AS done
    FROM pg_stat_activity
    WHERE state = 'idle in transaction' AND state_change < now() - interval '1 hour' AND datname = current_database()
)
SELECT jsonb_build_object('actions', jsonb_build_array(format('Ended %s idle transactions', count(*) FILTER (WHERE done)))) FROM ended
