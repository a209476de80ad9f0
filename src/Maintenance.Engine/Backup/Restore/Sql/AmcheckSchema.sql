-- Where the functions of amcheck are; no row if it is not installed.
SELECT quote_ident(nspname)
FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'amcheck'
