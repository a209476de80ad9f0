-- A hypothetical index: only this session's EXPLAIN sees it. $1 its CREATE INDEX.
SELECT indexrelid::bigint, indexname::text, hypopg_relation_size(indexrelid)::bigint FROM hypopg_create_index($1::text)
