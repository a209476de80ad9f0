-- What objects that do not exist yet will be granted.
SELECT d.defaclrole::bigint, n.nspname::text, quote_ident(n.nspname), d.defaclobjtype::text, d.defaclacl::text[]
FROM pg_default_acl AS d
LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
