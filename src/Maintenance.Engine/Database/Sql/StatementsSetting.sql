-- What is missing for pg_stat_statements, for any role: whether the library is loaded (its settings are listed only then; a placeholder of the same name is
-- not), whether its files are installed, whether this is a standby, and who runs the server: managed ones have roles of their own.
SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max'),
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements'),
       pg_is_in_recovery(),
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin'),
       EXISTS (SELECT FROM pg_roles WHERE rolname IN ('rds_superuser', 'azure_pg_admin', 'cloudsqlsuperuser', 'alloydbsuperuser')),
       current_database()::text
