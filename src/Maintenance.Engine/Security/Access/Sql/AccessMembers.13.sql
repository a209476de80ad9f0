-- Who is a member of what, and whether everybody in it still exists. Before 16 the member alone decides whether it inherits, and may always become the other.
SELECT m.member::bigint, m.roleid::bigint, coalesce(r.rolinherit, false), true, m.admin_option,
       m.grantor::bigint, EXISTS (SELECT FROM pg_roles AS g WHERE g.oid = m.grantor)
FROM pg_auth_members AS m
LEFT JOIN pg_roles AS r ON r.oid = m.member
