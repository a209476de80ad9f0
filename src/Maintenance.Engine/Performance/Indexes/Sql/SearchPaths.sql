-- Where applications may look for names: the paths set for this database and its roles, those of roles within it first, and our own.
SELECT path
FROM (
    SELECT CASE WHEN s.setdatabase <> 0 THEN 0 ELSE 1 END AS rank, s.setrole, replace(substr(config, length('search_path=') + 1), '"$user"', coalesce(quote_ident(r.rolname), '"$user"')) AS path
    FROM pg_db_role_setting AS s
    LEFT JOIN pg_roles AS r ON r.oid = s.setrole
    CROSS JOIN LATERAL unnest(s.setconfig) AS config
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) AND config LIKE 'search\_path=%'
    UNION ALL
    SELECT 2, 0, reset_val FROM pg_settings WHERE name = 'search_path'
    UNION ALL
    SELECT 3, 0, '"$user", public'
) AS paths
GROUP BY path
ORDER BY min(rank), path
