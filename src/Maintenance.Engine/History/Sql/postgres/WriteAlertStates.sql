-- Where alerts stand, each only if nobody has changed it since it was read. $1 target, $2 array of rule, series, version as read, memory; $3 now.
-- In one order, so that two who write the same ones wait for each other instead of for both.
INSERT INTO maintenance.alert_states (target, rule, series, version, memory, updated_at)
SELECT $1, state.rule, state.series, state.version + 1, state.memory::json, $3
FROM pg_catalog.json_to_recordset($2) AS state (rule text, series text, version bigint, memory text)
ORDER BY pg_catalog.lower(state.rule), state.series
ON CONFLICT (pg_catalog.lower(target), pg_catalog.lower(rule), series) DO UPDATE
SET version = excluded.version, memory = excluded.memory, updated_at = excluded.updated_at
WHERE alert_states.version = excluded.version - 1
