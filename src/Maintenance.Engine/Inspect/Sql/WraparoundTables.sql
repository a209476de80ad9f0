-- The tables and materialised views nearest to their limits. A TOAST table counts with its table; with no options of its own it has
-- its table's, and an option can only lower the server's limit. Sizes are in pages as counted last: to ask for the size of a file
-- would wait for whoever holds the table.
-- $1 how many, $2 limit of transaction ids, $3 limit of multixact ids
WITH parts AS (
    SELECT coalesce(main.oid, part.oid) AS oid,
           age(part.relfrozenxid)::bigint AS xid_age,
           mxid_age(part.relminmxid)::bigint AS multixact_age,
           least($2::bigint, (SELECT o.option_value::bigint FROM pg_options_to_table(coalesce(part.reloptions, main.reloptions)) AS o WHERE o.option_name = 'autovacuum_freeze_max_age')) AS xid_limit,
           least($3::bigint, (SELECT o.option_value::bigint FROM pg_options_to_table(coalesce(part.reloptions, main.reloptions)) AS o WHERE o.option_name = 'autovacuum_multixact_freeze_max_age')) AS multixact_limit,
           CASE WHEN part.relpages > 0 OR part.reltuples >= 0 AND current_setting('server_version_num')::int >= 140000
                THEN part.relpages::bigint * current_setting('block_size')::bigint END AS bytes
    FROM pg_class AS part
    LEFT JOIN pg_class AS main ON part.relkind = 't' AND main.reltoastrelid = part.oid
    WHERE part.relkind IN ('r', 'm', 't') AND part.relfrozenxid <> '0'::xid
), ages AS (
    SELECT oid,
           max(xid_age) AS xid_age,
           max(multixact_age) AS multixact_age,
           min(xid_limit) AS xid_limit,
           min(multixact_limit) AS multixact_limit,
           100.0 * greatest(max(xid_age::float8 / greatest(xid_limit, 1)), max(multixact_age::float8 / greatest(multixact_limit, 1))) AS percent,
           sum(bytes)::bigint AS bytes
    FROM parts
    GROUP BY oid
    ORDER BY percent DESC, bytes DESC NULLS LAST, oid
    LIMIT $1
)
SELECT ages.oid::bigint, namespace.nspname::text, class.relname::text, format('%I.%I', namespace.nspname, class.relname),
       class.relkind = 'm', class.relisshared, class.relpersistence = 't',
       ages.xid_age, ages.multixact_age, ages.xid_limit, ages.multixact_limit, ages.percent, ages.bytes
FROM ages
JOIN pg_class AS class ON class.oid = ages.oid
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
ORDER BY ages.percent DESC, ages.bytes DESC NULLS LAST, ages.oid
