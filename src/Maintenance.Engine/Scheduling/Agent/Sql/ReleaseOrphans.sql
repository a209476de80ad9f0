-- $1 the cluster, $2 the latest time (ticks) that is long past.
-- A trigger that an agent has taken is on record as fired in the same moment. One that is taken without that record, long after its time, was left so when the server
-- died between the two; nobody would ever fire it.
UPDATE maintenance_agent.qrtz_triggers AS taken
SET trigger_state = 'WAITING'
WHERE taken.sched_name = $1
    AND taken.trigger_state = 'ACQUIRED'
    AND taken.next_fire_time < $2
    AND NOT EXISTS (
        SELECT FROM maintenance_agent.qrtz_fired_triggers AS fired
        WHERE fired.sched_name = taken.sched_name
            AND fired.trigger_name = taken.trigger_name
            AND fired.trigger_group = taken.trigger_group)
