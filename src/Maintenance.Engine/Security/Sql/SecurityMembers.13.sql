-- Who is a member of what. Before 16 the member alone decides whether it inherits, and may always become the other.
SELECT m.member::bigint, m.roleid::bigint, r.rolinherit, true, m.admin_option
FROM pg_auth_members AS m
JOIN pg_roles AS r ON r.oid = m.member
