-- Installed extensions, and the version that the server's files would bring; and pgaudit without a name of its own if its files alone are there.
SELECT e.extname::text, quote_ident(e.extname), n.nspname::text, e.extversion, a.default_version, e.extrelocatable, a.name = 'pgaudit'
FROM pg_extension AS e
JOIN pg_namespace AS n ON n.oid = e.extnamespace
FULL JOIN pg_available_extensions AS a ON a.name = e.extname
WHERE e.oid IS NOT NULL OR a.name = 'pgaudit'
