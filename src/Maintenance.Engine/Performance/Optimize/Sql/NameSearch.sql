-- In which schemas a role ($1; null for any) finds names in this database: its own setting for it, its own, the database's, ours.
SELECT replace(coalesce(
    (SELECT split_part(setting, '=', 2)
     FROM pg_db_role_setting AS configured, unnest(configured.setconfig) AS setting
     WHERE setting LIKE 'search_path=%'
       AND configured.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND configured.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = $1::text))
     ORDER BY configured.setrole <> 0 DESC, configured.setdatabase <> 0 DESC
     LIMIT 1),
    (SELECT reset_val FROM pg_settings WHERE name = 'search_path')), '"$user"', coalesce(quote_ident($1::text), '"$user"'))
