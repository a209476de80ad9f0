-- What stands behind names that a statement calls. $1 names, $2 its text and the expressions of its plan: operators that somebody has
-- made are looked for there. Trusted: it belongs to a superuser, or to a role whose rights we have anyway and want to have.
SELECT name, is_volatile, is_trusted
FROM (
    SELECT function.proname::text AS name, function.provolatile = 'v' AS is_volatile, owner.rolsuper OR owner.rolname = current_user AS is_trusted
    FROM pg_proc AS function
    JOIN pg_roles AS owner ON owner.oid = function.proowner
    WHERE function.proname = ANY ($1)
    UNION ALL
    SELECT operator.oprname::text, function.provolatile = 'v', owner.rolsuper OR owner.rolname = current_user
    FROM pg_operator AS operator
    JOIN pg_proc AS function ON function.oid = operator.oprcode
    JOIN pg_roles AS owner ON owner.oid = function.proowner
    WHERE operator.oid >= 16384 AND strpos($2, operator.oprname) > 0
) AS called
WHERE is_volatile OR NOT is_trusted
ORDER BY is_trusted, name
