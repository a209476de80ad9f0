-- The role as it must stand in a GRANT.
SELECT pg_catalog.quote_ident(current_user)
