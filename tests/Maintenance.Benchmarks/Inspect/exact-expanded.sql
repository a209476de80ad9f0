-- The same as people write it first: the function is called once for each of its columns.
SELECT (SELECT sum(free_space + dead_tuple_len) FROM (SELECT (pgstattuple(c.oid::regclass)).* FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace OFFSET 0) AS t),
       (SELECT sum(leaf_pages + deleted_pages) FROM (SELECT (pgstatindex(c.oid::regclass)).* FROM pg_class c WHERE c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace OFFSET 0) AS i)
