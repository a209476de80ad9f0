-- From 15: parameters that roles may set.
SELECT a.grantee::bigint, a.privilege_type, count(*)
FROM pg_parameter_acl AS p, aclexplode(p.paracl) AS a
WHERE a.grantee NOT IN (0, 10)
GROUP BY 1, 2
ORDER BY 1, 2
