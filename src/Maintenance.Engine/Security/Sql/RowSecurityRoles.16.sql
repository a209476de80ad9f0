-- Whether this role may act as others. $1 their names
SELECT s.name, r.oid IS NOT NULL, coalesce(pg_has_role(r.oid, 'SET'), false),
       format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE;', s.name, current_user)
FROM unnest($1::text[]) AS s (name)
LEFT JOIN pg_roles AS r ON r.rolname = s.name
