-- Client processes that this role may not signal, as the server itself will decide, and the role as it must stand in a GRANT.
SELECT quote_ident(current_user),
       coalesce(array_agg(activity.pid) FILTER (
           WHERE NOT me.rolsuper AND (owner.rolsuper OR NOT (pg_has_role(owner.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))), '{}')
FROM pg_roles AS me
LEFT JOIN pg_stat_activity AS activity ON activity.datid IS NOT NULL
LEFT JOIN pg_roles AS owner ON owner.oid = activity.usesysid
WHERE me.rolname = current_user
GROUP BY me.oid
