-- Policies: as the server writes them, and the functions in them that are not immutable. The trees say where in them a function is called.
SELECT p.polrelid::bigint,
       p.polname::text,
       quote_ident(p.polname),
       p.polcmd::text,
       p.polpermissive,
       p.polroles::bigint[],
       pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid),
       p.polqual::text,
       p.polwithcheck::text,
       f.oids,
       f.names
FROM pg_policy AS p
JOIN pg_class AS c ON c.oid = p.polrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(q.oid::bigint ORDER BY q.oid) AS oids,
           array_agg(CASE q.provolatile WHEN 'v' THEN 'volatile ' ELSE '' END || format('%I.%I', m.nspname, q.proname) ORDER BY q.oid) AS names
    FROM pg_proc AS q
    JOIN pg_namespace AS m ON m.oid = q.pronamespace
    WHERE q.provolatile <> 'i'
      AND q.oid IN (SELECT x[1]::oid FROM regexp_matches(concat(p.polqual::text, p.polwithcheck::text), ':funcid (\d+)', 'g') AS x)
) AS f
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
