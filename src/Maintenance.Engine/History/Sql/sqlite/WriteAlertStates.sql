-- Where alerts stand, each only if nobody has changed it since it was read. $1 target, $2 array of rule, series, version as read, memory; $3 now.
INSERT INTO alert_states (target, rule, series, version, memory, updated_at)
SELECT $1, value ->> 'rule', value ->> 'series', (value ->> 'version') + 1, value ->> 'memory', $3
FROM json_each($2)
WHERE true
ON CONFLICT (target, rule, series) DO UPDATE SET version = excluded.version, memory = excluded.memory, updated_at = excluded.updated_at
WHERE alert_states.version = excluded.version - 1
