-- Whether this role may make databases, what it is called, and the server's version.
SELECT rolcreatedb OR rolsuper, rolname::text, rolsuper, current_setting('server_version_num')::int
FROM pg_roles
WHERE rolname = current_user
