-- Where the alerts of a target stand. $1 target.
SELECT version, memory FROM alert_states WHERE target = $1 ORDER BY rule, series
