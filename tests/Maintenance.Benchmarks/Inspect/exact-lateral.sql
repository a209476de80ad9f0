SELECT (SELECT sum(s.free_space + s.dead_tuple_len) FROM pg_class c CROSS JOIN LATERAL pgstattuple(c.oid::regclass) AS s WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace),
       (SELECT sum(s.leaf_pages + s.deleted_pages) FROM pg_class c CROSS JOIN LATERAL pgstatindex(c.oid::regclass) AS s WHERE c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace)
