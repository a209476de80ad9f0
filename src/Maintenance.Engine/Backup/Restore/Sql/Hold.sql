-- Says that the test that made a database is still at work.
-- $1 its name
SELECT pg_advisory_lock(1298231150, hashtext($1::text))
