-- Pages of tables that hold nothing but frozen rows; PostgreSQL 18 leaves them out when it computes the insert threshold.
SELECT oid::bigint, relallfrozen
FROM pg_class
WHERE relkind IN ('r', 'm', 't') AND relallfrozen > 0
