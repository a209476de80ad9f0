-- The names by which a statement can come upon objects. $1 their catalogues, $2 their OIDs
WITH reached AS (SELECT class, oid FROM unnest($1::bigint[], $2::bigint[]) AS given (class, oid))
SELECT reached.class, reached.oid, object.name, object.is_operator, object.label
FROM reached
CROSS JOIN LATERAL (
    SELECT function.proname::text AS name, false AS is_operator, format('function %I.%I', namespace.nspname, function.proname) AS label
    FROM pg_proc AS function JOIN pg_namespace AS namespace ON namespace.oid = function.pronamespace
    WHERE reached.class = 'pg_proc'::regclass::oid::bigint AND function.oid = reached.oid::oid
    UNION ALL
    SELECT operator.oprname::text, true, format('operator %I.%s', namespace.nspname, operator.oprname)
    FROM pg_operator AS operator JOIN pg_namespace AS namespace ON namespace.oid = operator.oprnamespace
    WHERE reached.class = 'pg_operator'::regclass::oid::bigint AND operator.oid = reached.oid::oid
    UNION ALL
    SELECT type.typname::text, false, format('type %I.%I', namespace.nspname, type.typname)
    FROM pg_type AS type JOIN pg_namespace AS namespace ON namespace.oid = type.typnamespace
    WHERE reached.class = 'pg_type'::regclass::oid::bigint AND type.oid = reached.oid::oid
    UNION ALL
    SELECT class.relname::text, false,
           format('%s %I.%I', CASE class.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END, namespace.nspname, class.relname)
    FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE reached.class = 'pg_class'::regclass::oid::bigint AND class.oid = reached.oid::oid AND class.relkind IN ('r', 'p', 'v', 'm', 'f')
) AS object
ORDER BY reached.class = 'pg_type'::regclass::oid::bigint, reached.class, object.label
