-- Since when statistics have been counted, what the server is, and whose use of the indexes it cannot see.
-- A crash discards all statistics at once and leaves no time in pg_stat_database; but it moves all the times below, and each of them
-- moves later by a reset of its own. So nothing was discarded after the earliest of them.
SELECT greatest(least(archiver.stats_reset, writer.stats_reset), own.stats_reset),
       clock_timestamp(),
       pg_is_in_recovery(),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       (SELECT count(*)::int
        FROM pg_stat_replication AS sender
        WHERE coalesce(sender.state, 'streaming') <> 'backup'
          AND NOT EXISTS (SELECT FROM pg_replication_slots AS slot WHERE slot.active_pid = sender.pid AND slot.slot_type = 'logical')),
       (SELECT count(*)::int FROM pg_replication_slots AS slot WHERE slot.slot_type = 'physical' AND NOT slot.active AND NOT slot.temporary)
FROM pg_stat_database AS own, pg_stat_archiver AS archiver, pg_stat_bgwriter AS writer
WHERE own.datname = current_database()
