-- The last value of each sequence that was used and does not begin anew; whether one may not be read is said in the last column. Those that
-- somebody holds exclusively are left out. $1 how many
SELECT format('%I.%I', n.nspname, c.relname),
       CASE WHEN readable THEN pg_sequence_last_value(c.oid) END::float8,
       NOT readable
FROM pg_sequence q
JOIN pg_class c ON c.oid = q.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT has_sequence_privilege(c.oid, 'SELECT') OR has_sequence_privilege(c.oid, 'USAGE') AS readable) AS may
WHERE c.relpersistence <> 't' AND NOT q.seqcycle
  AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation = c.oid AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY c.oid
LIMIT $1
