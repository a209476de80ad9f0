-- How often indexes were used on this server. A standby gives every index the OID and the name it has on its primary.
SELECT i.indexrelid::bigint, c.relname::text, pg_stat_get_numscans(i.indexrelid)
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'i' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
