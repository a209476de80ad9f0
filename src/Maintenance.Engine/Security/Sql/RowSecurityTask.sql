-- What can be tried with one relation as one role, and why the rest cannot; it is put into the setting maintenance.task for RowSecurityProbe.sql.
-- $1 the relation, $2 the role, $3 rows to count at most, $4 settings of the request, $5 whether writing is tried too, $6 rows to copy at most
WITH RECURSIVE r AS (
    SELECT c.oid, c.relnamespace, c.relkind, format('%I.%I', n.nspname, c.relname) AS quoted
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = $1::bigint::oid
), below (oid) AS (
    SELECT oid FROM r UNION SELECT i.inhrelid FROM below JOIN pg_inherits AS i ON i.inhparent = below.oid
), above (oid) AS (
    SELECT oid FROM r UNION SELECT i.inhparent FROM above JOIN pg_inherits AS i ON i.inhrelid = above.oid
), triggers AS (
    SELECT t.tgname, t.tgtype
    FROM pg_trigger AS t JOIN below ON below.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
), fired AS (
    -- Bits of tgtype: for each row 1, before 2, insert 4, delete 8, update 16. Where no row is touched, only triggers for each statement fire;
    -- where a row gets as far as the constraints, those before it too.
    SELECT min(tgname::text) FILTER (WHERE tgtype & 4 <> 0 AND (tgtype & 2 <> 0 OR tgtype & 1 = 0)) AS on_insert,
           min(tgname::text) FILTER (WHERE tgtype & 16 <> 0 AND tgtype & 1 = 0) AS on_update,
           min(tgname::text) FILTER (WHERE tgtype & 16 <> 0 AND (tgtype & 2 <> 0 OR tgtype & 1 = 0)) AS on_move,
           min(tgname::text) FILTER (WHERE tgtype & 8 <> 0 AND tgtype & 1 = 0) AS on_delete
    FROM triggers
), policies AS (
    SELECT coalesce(bool_or(concat(pg_get_expr(p.polqual, p.polrelid), ' ', pg_get_expr(p.polwithcheck, p.polrelid)) ~ '\.\*'), false) AS whole_row
    FROM pg_policy AS p WHERE p.polrelid = $1::bigint::oid
), columns AS (
    SELECT a.attnum,
           quote_ident(a.attname) AS quoted,
           a.attnotnull AND NOT used.by_policy AND NOT key.parted AS stops,
           used.by_policy,
           key.parted,
           a.attidentity = 'a' AS fixed,
           a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) ~ '\(' AND pg_get_expr(d.adbin, d.adrelid) <> 'now()', false) AS made,
           has_column_privilege($2, a.attrelid, a.attnum, 'INSERT') AS may_insert,
           has_column_privilege($2, a.attrelid, a.attnum, 'UPDATE') AS may_update
    FROM pg_attribute AS a
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM pg_depend AS x WHERE x.classid = 'pg_policy'::regclass AND x.refclassid = 'pg_class'::regclass AND x.refobjid = a.attrelid AND x.refobjsubid = a.attnum)
    ) AS used (by_policy)
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM pg_partitioned_table AS k
            JOIN (SELECT oid FROM below UNION SELECT oid FROM above) AS f ON f.oid = k.partrelid
            JOIN pg_attribute AS b ON b.attrelid = k.partrelid AND b.attname = a.attname
            WHERE b.attnum = ANY (k.partattrs::int2[]) OR k.partexprs IS NOT NULL)
    ) AS key (parted)
    WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
), chosen AS (
    SELECT (SELECT c.attnum FROM columns AS c WHERE c.stops AND c.may_insert ORDER BY c.attnum LIMIT 1) AS insert_stop,
           (SELECT c.attnum FROM columns AS c WHERE c.stops AND c.may_update AND NOT c.fixed ORDER BY c.attnum LIMIT 1) AS update_stop,
           (SELECT c.quoted FROM columns AS c WHERE c.may_update AND NOT c.fixed ORDER BY c.attnum LIMIT 1) AS touched,
           (SELECT count(*) FROM columns AS c WHERE c.by_policy) AS compared,
           (SELECT count(*) FROM columns AS c WHERE c.by_policy AND c.may_update AND NOT c.fixed) AS moved,
           EXISTS (SELECT FROM columns AS c WHERE c.by_policy AND c.parted) AS moves_partition,
           EXISTS (SELECT FROM columns AS c WHERE NOT c.may_insert AND c.made) AS makes_values
), able AS (
    SELECT r.*,
           has_schema_privilege($2, r.relnamespace, 'USAGE') AS usage,
           NOT row_security_active(r.oid) AND has_table_privilege(r.oid, 'SELECT') AND has_schema_privilege(r.relnamespace, 'USAGE') AS sees_all,
           CASE WHEN r.relkind IN ('v', 'm') THEN 'what is written through a view is not tried: it is decided with the tables below'
                WHEN r.relkind = 'f' OR EXISTS (SELECT FROM below JOIN pg_class AS c ON c.oid = below.oid WHERE c.relkind = 'f') THEN 'its rows are on another server'
                WHEN EXISTS (SELECT FROM pg_rewrite AS w WHERE w.ev_class = r.oid AND w.rulename <> '_RETURN') THEN 'rules would run other statements'
           END AS unfit
    FROM r
), verdicts AS (
    SELECT able.*, fired.*, chosen.*, policies.*,
           CASE WHEN NOT usage OR NOT EXISTS (SELECT FROM columns WHERE may_insert) THEN 'Denied'
                WHEN unfit IS NOT NULL THEN unfit
                WHEN NOT $5 THEN 'writing is tried with -Write only'
                WHEN on_insert IS NOT NULL THEN format('the trigger %I would fire', on_insert)
                WHEN makes_values THEN 'columns that the role may not give get values of their own, from sequences or functions'
                WHEN whole_row THEN 'a policy looks at the whole row, so that no column is free to hold the NULL that stops the attempt'
                WHEN insert_stop IS NULL THEN 'no column forbids NULL and is free of policies and partition keys, so that nothing would stop the attempt'
                WHEN NOT sees_all THEN 'this role does not see every row, and has none to copy'
           END AS no_insert,
           CASE WHEN NOT usage OR NOT EXISTS (SELECT FROM columns WHERE may_update) THEN 'Denied'
                WHEN unfit IS NOT NULL THEN unfit
                WHEN NOT $5 THEN 'writing is tried with -Write only'
                WHEN touched IS NULL THEN 'the only columns that the role may change cannot be set'
                WHEN on_update IS NOT NULL THEN format('the trigger %I would fire', on_update)
           END AS no_update,
           CASE WHEN NOT usage OR NOT EXISTS (SELECT FROM columns WHERE may_update) OR (compared > 0 AND moved = 0) THEN 'Denied'
                WHEN unfit IS NOT NULL THEN unfit
                WHEN NOT $5 THEN 'writing is tried with -Write only'
                WHEN compared = 0 AND NOT whole_row THEN 'NotApplicable'
                WHEN on_move IS NOT NULL THEN format('the trigger %I would fire', on_move)
                WHEN moves_partition THEN 'a row would move to another partition'
                WHEN whole_row THEN 'a policy looks at the whole row, so that no column is free to hold the NULL that stops the attempt'
                WHEN update_stop IS NULL THEN 'no column forbids NULL and is free of policies and partition keys, so that nothing would stop the attempt'
                WHEN NOT sees_all THEN 'this role does not see every row, and has none to copy'
           END AS no_move,
           CASE WHEN NOT usage OR NOT has_table_privilege($2, oid, 'DELETE') THEN 'Denied'
                WHEN unfit IS NOT NULL THEN unfit
                WHEN NOT $5 THEN 'writing is tried with -Write only'
                WHEN on_delete IS NOT NULL THEN format('the trigger %I would fire', on_delete)
           END AS no_delete,
           CASE WHEN NOT usage OR NOT has_any_column_privilege($2, oid, 'SELECT') THEN 'Denied'
                WHEN relkind = 'f' OR unfit = 'its rows are on another server' THEN 'its rows are on another server'
           END AS no_select
    FROM able, fired, chosen, policies
), attempts AS (
    SELECT v.*,
           ARRAY[
               CASE WHEN no_select IS NULL THEN jsonb_build_object('name', 'Select', 'kind', 'count', 'sql',
                   format('SELECT pg_catalog.count(*) FROM (SELECT 1 FROM %s LIMIT %s) AS seen', quoted, $3::bigint + 1)) END,
               CASE WHEN no_update IS NULL THEN jsonb_build_object('name', 'Update', 'kind', 'touch', 'sql', format('UPDATE %s SET %s = NULL', quoted, touched)) END,
               CASE WHEN no_delete IS NULL THEN jsonb_build_object('name', 'Delete', 'kind', 'touch', 'sql', format('DELETE FROM %s', quoted)) END,
               CASE WHEN no_insert IS NULL THEN jsonb_build_object('name', 'Insert', 'kind', 'insert', 'sql', (
                   SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (SELECT pg_catalog.current_setting(''maintenance.row'')::%s AS v) AS r', v.quoted,
                       string_agg(c.quoted, ', ' ORDER BY c.attnum),
                       string_agg(CASE WHEN c.attnum = v.insert_stop THEN 'NULL' ELSE format('(r.v).%s', c.quoted) END, ', ' ORDER BY c.attnum), v.quoted)
                   FROM columns AS c WHERE c.may_insert)) END,
               CASE WHEN no_move IS NULL THEN jsonb_build_object('name', 'Move', 'kind', 'move', 'sql', (
                   SELECT format('UPDATE %s SET %s', v.quoted,
                       string_agg(CASE WHEN c.attnum = v.update_stop THEN format('%s = NULL', c.quoted) ELSE format('%s = (SELECT (pg_catalog.current_setting(''maintenance.row'')::%s).%s)', c.quoted, v.quoted, c.quoted) END, ', ' ORDER BY c.attnum))
                   FROM columns AS c WHERE c.attnum = v.update_stop OR (c.by_policy AND c.may_update AND NOT c.fixed))) END
           ] AS tries
    FROM verdicts AS v
)
SELECT set_config('maintenance.task', jsonb_build_object(
           'cap', $3::bigint,
           'role', $2,
           'claims', $4::jsonb,
           'path', (SELECT s.reset_val FROM pg_settings AS s WHERE s.name = 'search_path'),
           'total', CASE WHEN sees_all AND relkind <> 'f' THEN format('SELECT pg_catalog.count(*) FROM (SELECT 1 FROM %s LIMIT %s) AS seen', quoted, $3::bigint + 1) END,
           'sample', CASE WHEN no_insert IS NULL OR no_move IS NULL THEN format(
               'SELECT coalesce(pg_catalog.array_agg(s.v), ''{}'') FROM (SELECT %s (t.*)::pg_catalog.text AS v FROM (SELECT * FROM %s LIMIT 1000) AS t LIMIT %s) AS s',
               -- Rows that differ where policies look. The whole row is t.*, since t alone would be a column of that name.
               coalesce((SELECT 'DISTINCT ON (' || string_agg(format('t.%s::pg_catalog.text', c.quoted), ', ' ORDER BY c.attnum) || ')' FROM columns AS c WHERE c.by_policy), ''), quoted, $6::int) END,
           'attempts', (SELECT coalesce(jsonb_agg(x), '[]') FROM unnest(tries) AS x WHERE x IS NOT NULL))::text, true) IS NOT NULL,
       no_select, no_insert, no_update, no_move, no_delete, sees_all
FROM attempts
