-- Settings kept with databases and roles. The server shows them to everybody who may connect.
SELECT CASE WHEN s.setdatabase <> 0 AND s.setrole <> 0 THEN format('role %I in database %I', r.rolname, d.datname)
            WHEN s.setrole <> 0 THEN format('role %I', r.rolname)
            WHEN s.setdatabase <> 0 THEN format('database %I', d.datname)
            ELSE 'all roles'
       END,
       CASE WHEN s.setdatabase <> 0 AND s.setrole <> 0 THEN format('ALTER ROLE %I IN DATABASE %I', r.rolname, d.datname)
            WHEN s.setrole <> 0 THEN format('ALTER ROLE %I', r.rolname)
            WHEN s.setdatabase <> 0 THEN format('ALTER DATABASE %I', d.datname)
            ELSE 'ALTER ROLE ALL'
       END,
       r.rolname::text,
       s.setdatabase = 0 OR d.datname = current_database(),
       split_part(c.text, '=', 1),
       quote_ident(split_part(c.text, '=', 1)),
       substr(c.text, strpos(c.text, '=') + 1)
FROM pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS c (text)
LEFT JOIN pg_roles AS r ON r.oid = s.setrole
LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
