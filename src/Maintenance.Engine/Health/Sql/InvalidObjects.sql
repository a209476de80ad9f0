-- Indexes left invalid by a failed CREATE or REINDEX CONCURRENTLY (not those being built right now),
-- and constraints that were added NOT VALID and never validated.
SELECT 'index', quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(tn.nspname) || '.' || quote_ident(t.relname), pg_relation_size(c.oid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE NOT i.indisvalid
  AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
UNION ALL
SELECT 'constraint', quote_ident(k.conname), quote_ident(n.nspname) || '.' || quote_ident(t.relname), 0
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE NOT k.convalidated AND k.contype IN ('c', 'f')
ORDER BY 1 DESC, 4 DESC, 2
LIMIT 100
