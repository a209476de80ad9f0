-- Who is a member of what. From 16 each membership says whether it is inherited, and whether the member may become the other.
SELECT member::bigint, roleid::bigint, inherit_option, set_option, admin_option
FROM pg_auth_members
