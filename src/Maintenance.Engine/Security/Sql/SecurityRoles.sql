-- Every role, with what it may do.
SELECT oid::bigint, rolname::text, quote_ident(rolname), rolsuper, rolcanlogin, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolvaliduntil IS NOT NULL AND isfinite(rolvaliduntil),
       CASE WHEN isfinite(rolvaliduntil) THEN rolvaliduntil END,
       rolvaliduntil < now()
FROM pg_roles
