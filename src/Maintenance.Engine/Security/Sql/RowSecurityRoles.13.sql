-- Whether this role may act as others. $1 their names
SELECT s.name, r.oid IS NOT NULL, coalesce(pg_has_role(r.oid, 'MEMBER'), false), format('GRANT %I TO %I;', s.name, current_user)
FROM unnest($1::text[]) AS s (name)
LEFT JOIN pg_roles AS r ON r.rolname = s.name
