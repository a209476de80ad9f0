-- Baselines of operations. $1 operations, $2 mean durations and $3 95th percentiles in milliseconds, $4 when they were measured
INSERT INTO {table} (query_type, avg_duration, p95_duration, "timestamp")
SELECT operation, mean, p95, {time} FROM unnest($1::text[], $2::float8[], $3::float8[]) AS measured (operation, mean, p95)
