-- Installed extensions, and the version that the server's files would bring.
SELECT e.extname::text, quote_ident(e.extname), n.nspname::text, e.extversion, a.default_version, e.extrelocatable
FROM pg_extension AS e
JOIN pg_namespace AS n ON n.oid = e.extnamespace
LEFT JOIN pg_available_extensions AS a ON a.name = e.extname
