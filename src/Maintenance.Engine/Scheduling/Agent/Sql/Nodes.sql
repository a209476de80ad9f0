-- The agents of a cluster, and when each said last that it is there (ticks since year 1, UTC) and how often it does (ms). $1 the cluster.
SELECT instance_name, last_checkin_time, checkin_interval
FROM maintenance_agent.qrtz_scheduler_state
WHERE sched_name = $1
ORDER BY instance_name
