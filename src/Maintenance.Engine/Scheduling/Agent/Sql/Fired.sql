-- What agents of a cluster are at: target, task, agent, and when it fired and was due (ticks since year 1, UTC). $1 the cluster, $2 how many at the most.
SELECT job_group, job_name, instance_name, fired_time, sched_time
FROM maintenance_agent.qrtz_fired_triggers
WHERE sched_name = $1 AND state = 'EXECUTING' AND job_name IS NOT NULL
ORDER BY fired_time
LIMIT $2
