-- The statements that take most of the time of this database, with those of other databases left out, and this module's own. $1 how many
SELECT statements.queryid, statements.query, role.rolname::text, sum(statements.calls)::float8, sum(statements.total_exec_time),
       sum(statements.temp_blks_written)::float8, sum(statements.rows)::float8, sum(sum(statements.total_exec_time)) OVER (),
       count(*)
FROM pg_stat_statements(true) AS statements
LEFT JOIN pg_roles AS role ON role.oid = statements.userid
WHERE statements.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  -- What the role may not see has a text that says so, and no id.
  AND (statements.queryid IS NOT NULL OR statements.query = '<insufficient privilege>')
  AND strpos(statements.query, '/' || '* Maintenance */') = 0
GROUP BY statements.queryid, statements.query, role.rolname
ORDER BY 5 DESC
LIMIT $1
