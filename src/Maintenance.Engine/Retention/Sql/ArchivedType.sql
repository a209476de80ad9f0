-- A type by the name that an archive has for it, without its modifier: bpchar and not character, which alone means one. Nothing if there
-- is none such, or if no column can have it. $1 the name
SELECT t.oid::bigint, pg_catalog.format_type(t.oid, -1)
FROM pg_catalog.pg_type AS t
WHERE t.oid = pg_catalog.to_regtype($1)::oid AND t.typtype <> 'p'
