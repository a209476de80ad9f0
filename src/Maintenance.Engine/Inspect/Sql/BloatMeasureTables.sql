-- Measures tables through the visibility and free space maps. LATERAL: (f(x)).* would call the function once for each column.
-- $1 relations.
SELECT o.oid, s.table_len, s.approx_tuple_count::bigint, s.dead_tuple_count, s.dead_tuple_len, s.approx_free_space, NULL::bigint
FROM unnest($1::bigint[]) AS o(oid)
CROSS JOIN LATERAL pgstattuple_approx(o.oid::oid::regclass) AS s
