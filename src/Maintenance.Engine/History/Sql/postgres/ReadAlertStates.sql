-- Where the alerts of a target stand. $1 target.
SELECT version, memory FROM maintenance.alert_states WHERE pg_catalog.lower(target) = pg_catalog.lower($1) ORDER BY rule, series
