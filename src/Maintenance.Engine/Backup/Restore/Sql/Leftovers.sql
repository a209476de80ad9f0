-- Databases that tests have left which are no more: each test holds a lock on the name of its own. The lock that this takes keeps
-- others from clearing away the same.
SELECT datname::text
FROM pg_database
WHERE datname LIKE 'maintenance\_restore\_%'
  AND pg_has_role(datdba, 'MEMBER')
  AND pg_try_advisory_lock(1298231150, hashtext(datname::text))
