-- A table as the catalogue knows it, one row for each column; no row if there is no such table. Names come back quoted.
-- A role that row security keeps from rows would count too few: it sees all if none is active for it, or if a policy
-- without a condition lets it and none restricts it. A view reads as its owner, or as whoever asks (security_invoker):
-- the tables behind it are looked at for that role. $1 name of the table, as in SQL
WITH RECURSIVE name AS (
    SELECT CASE WHEN cardinality(parts) = 1 THEN 'public' ELSE parts[cardinality(parts) - 1] END AS schema,
           parts[cardinality(parts)] AS table
    FROM parse_ident($1) AS parts
), relation AS (
    SELECT c.*, n.nspname
    FROM name
    JOIN pg_namespace n ON n.nspname = name.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = name.table AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
), behind AS (
    SELECT relation.oid, me.oid AS reader
    FROM relation, pg_roles AS me
    WHERE relation.relkind = 'v' AND me.rolname = current_user
    UNION
    SELECT d.refobjid,
           CASE WHEN EXISTS (SELECT FROM pg_options_to_table(v.reloptions) WHERE option_name = 'security_invoker' AND option_value::boolean)
                THEN behind.reader ELSE v.relowner END
    FROM behind
    JOIN pg_class v ON v.oid = behind.oid AND v.relkind = 'v'
    JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
), hiding AS (
    SELECT format('%I.%I', n.nspname, t.relname) AS table, quote_ident(reader.rolname) AS reader, quote_ident('maintenance ' || reader.rolname) AS policy
    FROM behind
    JOIN pg_class t ON t.oid = behind.oid AND t.relkind IN ('r', 'p') AND t.relrowsecurity
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_roles reader ON reader.oid = behind.reader AND NOT reader.rolsuper AND NOT reader.rolbypassrls
    WHERE (t.relforcerowsecurity OR NOT pg_has_role(reader.oid, t.relowner, 'USAGE'))
      AND NOT coalesce((
          SELECT bool_or(p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true') AND bool_and(p.polpermissive)
          FROM pg_policy p
          WHERE p.polrelid = t.oid AND p.polcmd IN ('r', '*')
            AND EXISTS (SELECT 1 FROM unnest(p.polroles) AS role WHERE role = 0 OR pg_has_role(reader.oid, role, 'USAGE'))), false)
    ORDER BY 1
    LIMIT 1
)
SELECT quote_ident(c.nspname) || '.' || quote_ident(c.relname),
       quote_ident(c.nspname),
       quote_ident(current_user),
       quote_ident('maintenance ' || current_user),
       has_schema_privilege(c.relnamespace, 'USAGE'),
       NOT row_security_active(c.oid) OR coalesce(policies.sees_all, false),
       a.attname,
       quote_ident(a.attname),
       t.typcategory::text,
       format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL),
       has_column_privilege(c.oid, a.attnum, 'SELECT'),
       hiding.table,
       hiding.reader,
       hiding.policy,
       coalesce(policies.restricts, false)
FROM relation AS c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN hiding ON true
CROSS JOIN LATERAL (
    SELECT bool_or(p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true') AND bool_and(p.polpermissive) AS sees_all,
           bool_or(NOT p.polpermissive) AS restricts
    FROM pg_policy p
    WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
      AND EXISTS (SELECT 1 FROM unnest(p.polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE'))
) AS policies
ORDER BY a.attnum
