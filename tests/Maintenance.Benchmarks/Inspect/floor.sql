-- One pass over the catalogues: what any estimate must at least read.
SELECT count(*), sum(c.relpages), sum(s.stawidth), sum(x.indnatts)
FROM pg_class c
LEFT JOIN pg_index x ON x.indexrelid = c.oid
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_statistic s ON s.starelid = a.attrelid AND s.staattnum = a.attnum
WHERE c.relkind IN ('r', 'i', 't')
