-- What else is written down in the schema and could hold a secret, but policies and functions, which are read anyway: the pattern is wide,
-- what is one is decided later. Where the thing that holds it has a name, that stands before it.
-- $1 pattern
WITH s AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
)
SELECT d.place, d.definition
FROM (
    SELECT format('%s %I.%I', CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, s.nspname, c.relname), pg_get_viewdef(c.oid)
    FROM pg_class AS c JOIN s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT format('column %I.%I.%I', s.nspname, c.relname, a.attname), format('%s = %s', a.attname, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attrdef AS d
    JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    JOIN pg_class AS c ON c.oid = d.adrelid
    JOIN s ON s.oid = c.relnamespace
    UNION ALL
    SELECT format('constraint %I on %I.%I', k.conname, s.nspname, coalesce(c.relname, t.typname)), pg_get_constraintdef(k.oid)
    FROM pg_constraint AS k
    JOIN s ON s.oid = k.connamespace
    LEFT JOIN pg_class AS c ON c.oid = k.conrelid
    LEFT JOIN pg_type AS t ON t.oid = k.contypid
    WHERE k.contype = 'c'
    UNION ALL
    SELECT format('domain %I.%I', s.nspname, t.typname), format('%s = %s', t.typname, t.typdefault)
    FROM pg_type AS t JOIN s ON s.oid = t.typnamespace
    WHERE t.typtype = 'd' AND t.typdefault IS NOT NULL
    UNION ALL
    SELECT format('trigger %I on %I.%I', t.tgname, s.nspname, c.relname), pg_get_triggerdef(t.oid)
    FROM pg_trigger AS t
    JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN s ON s.oid = c.relnamespace
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('rule %I on %I.%I', w.rulename, s.nspname, c.relname), pg_get_ruledef(w.oid)
    FROM pg_rewrite AS w
    JOIN pg_class AS c ON c.oid = w.ev_class
    JOIN s ON s.oid = c.relnamespace
    WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT format('index %I.%I', s.nspname, c.relname), pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN s ON s.oid = c.relnamespace
    WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
    UNION ALL
    SELECT format('argument %s of %I.%I(%s)', coalesce(nullif(p.proargnames[a.n], ''), a.n::text), s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
           format('%s = %s', p.proargnames[a.n], pg_get_function_arg_default(p.oid, a.n))
    FROM pg_proc AS p
    JOIN s ON s.oid = p.pronamespace
    CROSS JOIN LATERAL generate_series(1, coalesce(cardinality(p.proallargtypes), p.pronargs)) AS a (n)
    WHERE p.pronargdefaults > 0
) AS d (place, definition)
WHERE d.definition ~* $1
