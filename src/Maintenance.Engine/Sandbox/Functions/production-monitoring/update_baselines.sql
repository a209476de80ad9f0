-- The casts refuse what is not a number; a row without numbers is not stored.
INSERT INTO public.query_performance_baselines (query_type, avg_duration, p95_duration)
VALUES ('application', ($1 #>> '{baselines,avg_response_time}')::float8, ($1 #>> '{baselines,p95_response_time}')::float8)
RETURNING jsonb_build_object('updated', true)
