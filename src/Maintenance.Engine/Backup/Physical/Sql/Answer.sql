SELECT current_setting('server_version'), pg_is_in_recovery(), (SELECT timeline_id::bigint FROM pg_control_checkpoint())
