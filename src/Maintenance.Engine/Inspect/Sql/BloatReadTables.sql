-- Reads every page of tables, or of indexes other than b-trees. $1 relations.
SELECT o.oid, s.table_len, s.tuple_count, s.dead_tuple_count, s.dead_tuple_len, s.free_space, s.tuple_len
FROM unnest($1::bigint[]) AS o(oid)
CROSS JOIN LATERAL pgstattuple(o.oid::oid::regclass) AS s
