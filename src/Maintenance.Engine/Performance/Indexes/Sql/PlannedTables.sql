-- What the planner knows of tables that lie in ordinary schemas. $1 schemas, $2 names: a pair each.
-- Of a partition the table at its root is meant: an index that helps one helps all.
WITH named AS (
    SELECT DISTINCT wanted.schema, wanted.name, c.oid, coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root
    FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
    JOIN pg_namespace AS n ON n.nspname = wanted.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name
    WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT named.schema, named.name, root.oid::bigint, n.nspname::text, root.relname::text, root.relkind = 'p',
       leaves.pages::float8, leaves.visible::float8, leaves.rows::float8,
       -- Of a partition, its own.
       named.oid <> named.root, own.relpages::float8, own.relallvisible::float8, greatest(own.reltuples, 0)::float8
FROM named
JOIN pg_class AS root ON root.oid = named.root
JOIN pg_class AS own ON own.oid = named.oid
JOIN pg_namespace AS n ON n.oid = root.relnamespace
CROSS JOIN LATERAL (
    SELECT sum(leaf.relpages) AS pages, sum(leaf.relallvisible) AS visible, sum(greatest(leaf.reltuples, 0)) AS rows
    FROM pg_class AS leaf
    WHERE leaf.oid = root.oid OR (root.relkind = 'p' AND leaf.relkind = 'r' AND leaf.oid IN (SELECT relid FROM pg_partition_tree(root.oid)))
) AS leaves
