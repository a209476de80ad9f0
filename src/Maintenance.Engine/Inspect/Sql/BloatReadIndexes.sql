-- Reads every page of b-tree indexes. The density is that of the leaf pages: deleted and empty pages are told beside it. $1 relations.
SELECT o.oid, s.index_size, s.internal_pages, s.leaf_pages, s.empty_pages, s.deleted_pages, s.avg_leaf_density
FROM unnest($1::bigint[]) AS o(oid)
CROSS JOIN LATERAL pgstatindex(o.oid::oid::regclass) AS s
