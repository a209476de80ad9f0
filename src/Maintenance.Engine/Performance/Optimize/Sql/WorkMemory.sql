-- How much memory a sort may take for a role in this database, in kB, and the names to change it by. $1 the role; null for the database.
SELECT coalesce(
           (SELECT split_part(setting, '=', 2)
            FROM pg_db_role_setting AS configured, unnest(configured.setconfig) AS setting
            WHERE setting LIKE 'work_mem=%'
              AND configured.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
              AND configured.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = $1::text))
            ORDER BY configured.setrole <> 0 DESC, configured.setdatabase <> 0 DESC
            LIMIT 1),
           (SELECT reset_val || unit FROM pg_settings WHERE name = 'work_mem')),
       quote_ident($1::text),
       quote_ident(current_database()),
       (SELECT oid::bigint FROM pg_roles WHERE rolname = $1::text),
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
       current_setting('max_connections')::int
