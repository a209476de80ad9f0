-- What stands behind names that a statement calls and may do anything each time. $1 names, $2 its text and the expressions of its plan:
-- operators that somebody has made are looked for there.
SELECT function.proname::text
FROM pg_proc AS function
WHERE function.proname = ANY ($1) AND function.provolatile = 'v'
UNION
SELECT operator.oprname::text
FROM pg_operator AS operator
JOIN pg_proc AS function ON function.oid = operator.oprcode
WHERE operator.oid >= 16384 AND strpos($2, operator.oprname) > 0 AND function.provolatile = 'v'
ORDER BY 1
