-- Indexes as they stand now, and what decides whether they can be rebuilt: all of the tables $1 (OIDs), and all of the tables that the
-- indexes $2 belong to. $3 server processes of ours, which are not others.
-- The shape is what a concurrent rebuild copies, so it is the same for an index and for what is left of its rebuild; the role is what
-- only one of the two can have. Both hold operator classes, collations and columns by number, never the definition's text.
-- From 17 on, MAINTAIN on the table is enough to rebuild its indexes; before, the server does not know the word.
SELECT index.indexrelid::bigint,
       namespace.nspname::text,
       class.relname::text,
       owner.oid::bigint,
       format('%I.%I', owner_namespace.nspname, owner.relname),
       owner.relkind::text,
       class.relkind::text,
       class.relpersistence::text,
       pg_is_other_temp_schema(class.relnamespace),
       method.amname::text,
       pg_relation_size(class.oid),
       index.indisvalid,
       index.indisexclusion,
       index.indexprs IS NULL AND index.indpred IS NULL AS is_plain,
       jsonb_build_array(
           class.relkind, method.amname, index.indkey::text, index.indclass::text, index.indcollation::text, index.indoption::text,
           index.indnkeyatts, index.indisunique, pg_get_expr(index.indexprs, index.indrelid), pg_get_expr(index.indpred, index.indrelid),
           to_jsonb(index) -> 'indnullsnotdistinct', class.reloptions, class.reltablespace)::text AS shape,
       jsonb_build_array(
           index.indisprimary, index.indisexclusion, index.indimmediate, index.indisreplident, index.indisclustered,
           (SELECT jsonb_agg(constrained.conname ORDER BY constrained.conname) FROM pg_constraint AS constrained
            WHERE constrained.conindid = index.indexrelid AND constrained.conrelid = index.indrelid))::text AS role,
       pg_has_role(class.relowner, 'USAGE') AS is_owner,
       CASE WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(owner.oid, 'MAINTAIN') ELSE false END AS may_maintain,
       has_schema_privilege(class.relnamespace, 'USAGE') AS reaches_schema,
       quote_ident(pg_get_userbyid(class.relowner)),
       quote_ident(current_user),
       format('%I', namespace.nspname),
       format('%I.%I', namespace.nspname, class.relname),
       -- Whoever builds, drops or vacuums holds this lock on the table, and every role may see that.
       (SELECT min(held.pid) FROM pg_locks AS held
        WHERE held.locktype = 'relation' AND held.granted AND held.pid <> ALL ($3) AND held.relation IN (index.indexrelid, index.indrelid)
          AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND held.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) AS worked_on_by,
       -- A member of the owner would get far more than one index.
       EXISTS (SELECT FROM pg_roles AS great
               WHERE (great.rolsuper OR great.rolcreaterole OR great.rolbypassrls OR great.rolreplication
                   OR great.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
                 AND pg_has_role(class.relowner, great.oid, 'MEMBER'))
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_am AS method ON method.oid = class.relam
JOIN pg_class AS owner ON owner.oid = index.indrelid
JOIN pg_namespace AS owner_namespace ON owner_namespace.oid = owner.relnamespace
WHERE index.indexrelid IN (
    SELECT indexrelid FROM pg_index WHERE indrelid = ANY ($1::bigint[]::oid[])
    UNION
    SELECT sibling.indexrelid FROM pg_index AS named JOIN pg_index AS sibling USING (indrelid) WHERE named.indexrelid = ANY ($2::bigint[]::oid[]))
ORDER BY 2, 3
