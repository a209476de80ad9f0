-- The snapshot, for pg_dump to use too. On a standby that has not replayed all it has received the state is older than now: it is that
-- of the last commit it replayed.
SELECT pg_export_snapshot(),
       CASE WHEN pg_is_in_recovery() AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn()
            THEN pg_last_xact_replay_timestamp() END
