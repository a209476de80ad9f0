-- Pages that are frozen already: inserts threaten only the others (PostgreSQL 18).
SELECT oid::int8, relallfrozen::int8
FROM pg_class
WHERE relallfrozen > 0 AND relkind IN ('r', 'm', 't')
