-- Options of foreign servers and data wrappers, which everybody sees.
SELECT format('foreign server %I', srvname), split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
FROM pg_foreign_server CROSS JOIN LATERAL unnest(srvoptions) AS o
UNION ALL
SELECT format('foreign data wrapper %I', fdwname), split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
FROM pg_foreign_data_wrapper CROSS JOIN LATERAL unnest(fdwoptions) AS o
UNION ALL
SELECT format('foreign table %I.%I', n.nspname, c.relname), split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
FROM pg_foreign_table AS t
JOIN pg_class AS c ON c.oid = t.ftrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(t.ftoptions) AS o
