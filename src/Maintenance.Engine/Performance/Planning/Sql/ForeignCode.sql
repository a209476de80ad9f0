-- Code that planning may run with our rights although neither a superuser nor we have written it: functions that expressions can call, and
-- expressions of relations and domains that call a built-in function which runs other queries ($1 names; the catalogue keeps no dependency on those).
-- A role whose rights we have is not us: it may have fewer. What it is, and whose.
WITH owner AS (
    SELECT oid, quote_ident(rolname) AS name FROM pg_roles WHERE NOT rolsuper AND rolname <> current_user
),
runs AS (
    SELECT ':funcid (' || string_agg(oid::text, '|') || ') ' AS pattern FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY ($1)
)
SELECT 'pg_proc'::regclass::oid::bigint, function.oid::bigint,
       format('function %I.%I(%s)', namespace.nspname, function.proname, pg_get_function_identity_arguments(function.oid)), owner.name
FROM pg_proc AS function
JOIN owner ON owner.oid = function.proowner
JOIN pg_namespace AS namespace ON namespace.oid = function.pronamespace
WHERE function.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, class.oid::bigint, format('an expression of %I.%I that runs other queries', namespace.nspname, class.relname), owner.name
FROM pg_class AS class
JOIN owner ON owner.oid = class.relowner
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
CROSS JOIN runs
WHERE EXISTS (SELECT FROM pg_rewrite WHERE ev_class = class.oid AND ev_action::text || ev_qual::text ~ runs.pattern)
   OR EXISTS (SELECT FROM pg_policy WHERE polrelid = class.oid AND concat(polqual::text, polwithcheck::text) ~ runs.pattern)
   OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = class.oid AND conbin::text ~ runs.pattern)
   OR EXISTS (SELECT FROM pg_attrdef WHERE adrelid = class.oid AND adbin::text ~ runs.pattern)
UNION ALL
SELECT 'pg_type'::regclass::oid::bigint, type.oid::bigint, format('a constraint of %I.%I that runs other queries', namespace.nspname, type.typname), owner.name
FROM pg_type AS type
JOIN owner ON owner.oid = type.typowner
JOIN pg_namespace AS namespace ON namespace.oid = type.typnamespace
JOIN pg_constraint AS "constraint" ON "constraint".contypid = type.oid
CROSS JOIN runs
WHERE "constraint".conbin::text ~ runs.pattern
