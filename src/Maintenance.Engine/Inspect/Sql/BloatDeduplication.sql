-- Operator classes whose equal keys are the same bytes (support function 4 of a b-tree), and so can share one entry of an index.
-- The first column tells them from collations under which different bytes are equal.
SELECT 'class', c.oid::bigint
FROM pg_opclass c
JOIN pg_amproc p ON p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype AND p.amprocrighttype = c.opcintype AND p.amprocnum = 4
JOIN pg_am am ON am.oid = c.opcmethod AND am.amname = 'btree'
UNION ALL
SELECT 'collation', oid::bigint
FROM pg_collation
WHERE NOT collisdeterministic
