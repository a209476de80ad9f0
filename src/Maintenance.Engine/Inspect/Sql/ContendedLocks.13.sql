-- The locks that somebody waits for: who waits, who holds them, and whom pg_blocking_pids names. Rows that waiters have queued
-- for ("tuple") tell which table a waiter for a transaction wants. A prepared transaction has no process; its own number tells
-- whose locks they are. Since when somebody waits is told from PostgreSQL 14 on.
WITH lock AS MATERIALIZED (SELECT * FROM pg_locks),
     waiter AS MATERIALIZED (
    SELECT pid,
           format('%s/%s/%s/%s/%s/%s/%s/%s/%s/%s', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid) AS object
    FROM lock
    WHERE NOT granted
)
SELECT lock.pid,
       lock.virtualtransaction,
       format('%s/%s/%s/%s/%s/%s/%s/%s/%s/%s', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid),
       lock.locktype,
       lock.relation::bigint,
       lock.database = 0 OR lock.database = (SELECT oid FROM pg_database WHERE datname = current_database()),
       lock.mode,
       lock.granted,
       NULL::timestamptz,
       CASE WHEN NOT lock.granted THEN pg_blocking_pids(lock.pid) ELSE '{}' END,
       lock.transactionid::text
FROM lock
WHERE format('%s/%s/%s/%s/%s/%s/%s/%s/%s/%s', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid)
          IN (SELECT object FROM waiter)
   OR (lock.locktype = 'tuple' AND lock.pid IN (SELECT pid FROM waiter))
   OR (lock.locktype = 'transactionid' AND lock.pid IS NULL)
