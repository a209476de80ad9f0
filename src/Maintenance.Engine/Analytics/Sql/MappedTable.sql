-- A table as the catalogue knows it, one row for each column; no row if there is no such table. Names come back quoted.
-- A role that row security keeps from rows would count too few: it sees all if none is active for it, or if a policy
-- without a condition lets it and none restricts it. $1 name of the table, as in SQL
WITH name AS (
    SELECT CASE WHEN cardinality(parts) = 1 THEN 'public' ELSE parts[cardinality(parts) - 1] END AS schema,
           parts[cardinality(parts)] AS table
    FROM parse_ident($1) AS parts
)
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(n.nspname),
       quote_ident(current_user),
       quote_ident('maintenance ' || current_user),
       has_schema_privilege(n.oid, 'USAGE'),
       NOT row_security_active(c.oid) OR coalesce(policies.sees_all, false),
       a.attname,
       quote_ident(a.attname),
       t.typcategory::text,
       format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL),
       has_column_privilege(c.oid, a.attnum, 'SELECT')
FROM name
JOIN pg_namespace n ON n.nspname = name.schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = name.table AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (
    SELECT bool_or(p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true') AND bool_and(p.polpermissive) AS sees_all
    FROM pg_policy p
    WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
      AND EXISTS (SELECT 1 FROM unnest(p.polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE'))
) AS policies
ORDER BY a.attnum
