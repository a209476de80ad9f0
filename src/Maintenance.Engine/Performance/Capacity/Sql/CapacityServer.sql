-- The present of what can run out: sizes (null where the role may not see every database's), connections of clients but
-- those of this module, which are no load, and how many there may be, and the age of the oldest transaction id with the age at which it must be frozen. Consumes no transaction id.
SELECT clock_timestamp(),
       (SELECT CASE WHEN bool_and(has_database_privilege(base.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE'))
                    THEN sum(CASE WHEN has_database_privilege(base.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
                                  THEN pg_database_size(base.oid) END)::bigint END
        FROM pg_database AS base WHERE base.datconnlimit <> -2),
       CASE WHEN has_database_privilege(current_database(), 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
            THEN pg_database_size(current_database()) END,
       (SELECT count(*)::int FROM pg_stat_activity
        WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL AND usesysid IS NOT NULL
          AND coalesce(application_name, '') !~ '^Maintenance(/|$)'),
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0),
       (SELECT max(age(datfrozenxid))::bigint FROM pg_database),
       current_setting('autovacuum_freeze_max_age')::bigint,
       quote_ident(current_user)
