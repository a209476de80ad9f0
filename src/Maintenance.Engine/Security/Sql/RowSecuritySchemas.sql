-- Schemas that PostgREST is configured with, and whether there is a role of it.
SELECT coalesce((SELECT substr(c.text, strpos(c.text, '=') + 1)
                 FROM pg_db_role_setting AS s
                 CROSS JOIN LATERAL unnest(s.setconfig) AS c (text)
                 WHERE c.text LIKE 'pgrst.db\_schemas=%' AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
                 LIMIT 1), current_setting('pgrst.db_schemas', true)),
       to_regrole('anon') IS NOT NULL,
       to_regrole('authenticated') IS NOT NULL
