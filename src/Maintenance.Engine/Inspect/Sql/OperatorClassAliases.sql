-- Operator classes that differ in nothing but the name: varchar_ops is text_ops.
SELECT oid::bigint, same::bigint
FROM (SELECT oid, min(oid::bigint) OVER (PARTITION BY opcmethod, opcfamily, opcintype, opckeytype) AS same FROM pg_opclass) AS classes
WHERE oid::bigint <> same
