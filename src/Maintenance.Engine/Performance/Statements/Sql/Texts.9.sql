-- Texts of some statements, as bytes: a database of encoding SQL_ASCII may hold any. The server reads all texts for it, so it is asked for as few
-- as possible, as rarely as possible. $1 to $4 what identifies them, $5 longest text (characters)
SELECT s.userid::bigint, s.dbid::bigint, s.queryid, s.toplevel,
       CASE getdatabaseencoding()
           WHEN 'SQL_ASCII' THEN convert_to(left(s.query, $5), 'SQL_ASCII')
           ELSE convert_to(left(s.query, $5), 'UTF8')
       END
FROM pg_stat_statements(true) s
JOIN unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bool[]) AS wanted (userid, dbid, queryid, toplevel)
    ON s.userid::bigint = wanted.userid AND s.dbid::bigint = wanted.dbid AND s.queryid = wanted.queryid AND s.toplevel = wanted.toplevel
WHERE s.query IS NOT NULL
