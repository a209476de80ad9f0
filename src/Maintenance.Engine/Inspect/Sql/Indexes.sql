-- Every index of every ordinary schema: what it is made of, what it serves, how large it is and how often it was used.
-- Nothing here waits for a lock: what somebody else holds exclusively is not opened; then its size is that of the last ANALYZE.
WITH locked AS MATERIALIZED (
    SELECT DISTINCT held.relation
    FROM pg_locks AS held
    WHERE held.locktype = 'relation' AND held.mode = 'AccessExclusiveLock' AND held.pid IS DISTINCT FROM pg_backend_pid()
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
worked_on AS MATERIALIZED (
    SELECT DISTINCT held.relation
    FROM pg_locks AS held
    WHERE held.locktype = 'relation' AND held.granted
      AND held.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
constraints AS MATERIALIZED (
    SELECT conindid,
           max(conname::text) FILTER (WHERE contype IN ('p', 'u', 'x')) AS name,
           count(*) FILTER (WHERE contype = 'f')::int AS referencing
    FROM pg_constraint
    WHERE conindid <> 0
    GROUP BY conindid
),
options AS MATERIALIZED (
    SELECT a.attrelid, string_agg(a.attnum || ':' || a.attoptions::text, ' ' ORDER BY a.attnum) AS text
    FROM pg_attribute AS a
    WHERE a.attoptions IS NOT NULL
    GROUP BY a.attrelid
),
extended AS MATERIALIZED (
    SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e'
)
SELECT i.indexrelid::bigint,
       c.relname::text,
       i.indrelid::bigint,
       c.relkind = 'I',
       m.amname::text,
       string_to_array(i.indkey::text, ' ')::int2[],
       string_to_array(i.indclass::text, ' ')::int8[],
       string_to_array(i.indcollation::text, ' ')::int8[],
       string_to_array(i.indoption::text, ' ')::int2[],
       i.indnkeyatts::int,
       CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
           SELECT CASE WHEN part.attnum <> 0 THEN ''
                       -- An expression that could not be read is like no other.
                       WHEN EXISTS (SELECT FROM locked WHERE locked.relation IN (i.indexrelid, i.indrelid)) THEN '?' || i.indexrelid
                       ELSE pg_get_indexdef(i.indexrelid, part.position::int, false) END
           FROM unnest(string_to_array(i.indkey::text, ' ')::int2[]) WITH ORDINALITY AS part (attnum, position)
           ORDER BY part.position) END,
       i.indpred IS NOT NULL,
       CASE WHEN i.indpred IS NOT NULL AND NOT EXISTS (SELECT FROM locked WHERE locked.relation = i.indrelid) THEN pg_get_expr(i.indpred, i.indrelid) END,
       -- What else shapes it: options of its operator classes, and of any method but b-tree, where only the fill differs.
       concat_ws(' ', options.text, CASE WHEN m.amname <> 'btree' THEN c.reloptions::text END),
       i.indisunique, i.indisprimary, i.indisexclusion, i.indimmediate, i.indisclustered, i.indisreplident,
       i.indisvalid, i.indisready, i.indislive,
       constraints.name,
       coalesce(constraints.referencing, 0),
       inherits.inhparent::bigint,
       i.indexrelid IN (SELECT objid FROM extended) OR i.indrelid IN (SELECT objid FROM extended),
       CASE WHEN c.relkind = 'I' THEN 0
            WHEN NOT EXISTS (SELECT FROM locked WHERE locked.relation IN (i.indexrelid, i.indrelid)) THEN pg_relation_size(i.indexrelid)
            WHEN c.relpages > 0 THEN c.relpages * current_setting('block_size')::bigint END,
       pg_stat_get_numscans(i.indexrelid),
       EXISTS (SELECT FROM worked_on WHERE worked_on.relation = i.indexrelid),
       CASE WHEN current_setting('track_commit_timestamp')::bool AND i.xmin::text::bigint > 2 THEN pg_xact_commit_timestamp(i.xmin) END
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_am AS m ON m.oid = c.relam
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN constraints ON constraints.conindid = i.indexrelid
LEFT JOIN options ON options.attrelid = i.indexrelid
LEFT JOIN pg_inherits AS inherits ON inherits.inhrelid = i.indexrelid
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
