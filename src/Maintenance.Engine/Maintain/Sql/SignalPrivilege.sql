-- Whether this role may signal a process, as the server itself will decide. $1 the process.
SELECT me.rolsuper
         OR (owner.oid IS NOT NULL AND NOT owner.rolsuper
             AND (pg_has_role(owner.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))
         OR (activity.backend_type = 'autovacuum worker'
             AND EXISTS (SELECT FROM pg_roles AS signaller WHERE signaller.rolname = 'pg_signal_autovacuum_worker' AND pg_has_role(signaller.oid, 'USAGE'))),
       coalesce(owner.rolsuper, false),
       quote_ident(current_user)
FROM pg_stat_activity AS activity
JOIN pg_roles AS me ON me.rolname = current_user
LEFT JOIN pg_roles AS owner ON owner.oid = activity.usesysid
WHERE activity.pid = $1
