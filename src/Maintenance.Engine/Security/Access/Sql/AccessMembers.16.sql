-- Who is a member of what, and whether everybody in it still exists. From 16 each membership says whether it is inherited, and whether the member may become the other.
SELECT m.member::bigint, m.roleid::bigint, m.inherit_option, m.set_option, m.admin_option,
       m.grantor::bigint, EXISTS (SELECT FROM pg_roles AS g WHERE g.oid = m.grantor)
FROM pg_auth_members AS m
