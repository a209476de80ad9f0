-- Relations with columns of their own that people made, whether this role sees their rows, and where it sees only some. Partitions belong to their table.
-- $1 patterns of schemas (LIKE), $2 patterns of relations; null for all
SELECT c.oid::bigint,
       n.nspname::text,
       c.relname::text,
       format('%I.%I', n.nspname, c.relname),
       c.relkind::text,
       may.uses,
       may.uses AND may.reads,
       c.relrowsecurity AND row_security_active(c.oid),
       concat(CASE WHEN NOT may.uses THEN format('GRANT USAGE ON SCHEMA %I TO %I; ', n.nspname, current_user) END,
              CASE WHEN NOT may.reads THEN format('GRANT SELECT ON %I.%I TO %I;', n.nspname, c.relname, current_user)
                   WHEN c.relrowsecurity AND row_security_active(c.oid) THEN format('ALTER ROLE %I BYPASSRLS;', current_user) END),
       coalesce(o.ours AND c.relname IN ('schema_version', 'runs', 'steps', 'metrics', 'findings', 'alerts', 'alert_states', 'alert_silences', 'repairs', 'outbox', 'snapshots', 'actions', 'verifications', 'finding_ledger', 'samples', 'baselines'), false)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT has_schema_privilege(n.oid, 'USAGE') AS uses, has_table_privilege(c.oid, 'SELECT') AS reads) AS may
-- The schema of our history, told by its first tables: others may have one of that name.
LEFT JOIN LATERAL (
    SELECT count(*) = 5 AS ours
    FROM (VALUES ('schema_version', 'version'), ('schema_version', 'applied_at'), ('runs', 'task'), ('steps', 'run_id'), ('metrics', 'observed_at')) AS own(name, attribute)
    JOIN pg_class AS h ON h.relnamespace = n.oid AND h.relname = own.name AND h.relkind = 'r'
    JOIN pg_attribute AS a ON a.attrelid = h.oid AND a.attname = own.attribute AND NOT a.attisdropped
) AS o ON n.nspname = 'maintenance'
LEFT JOIN pg_depend AS e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.objsubid = 0 AND e.deptype = 'e'
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.relpersistence <> 't' AND NOT c.relispartition AND e.objid IS NULL
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ($1::text[] IS NULL OR n.nspname ILIKE ANY ($1))
  AND ($2::text[] IS NULL OR c.relname ILIKE ANY ($2) OR n.nspname || '.' || c.relname ILIKE ANY ($2))
ORDER BY n.nspname, c.relname
