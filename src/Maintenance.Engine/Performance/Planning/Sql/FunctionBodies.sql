-- Functions of superusers and ourselves whose text names what it calls, and finds it only when it runs: by a search path that may be another's.
SELECT 'pg_proc'::regclass::oid::bigint, function.oid::bigint, function.prosrc
FROM pg_proc AS function
JOIN pg_language AS language ON language.oid = function.prolang
JOIN pg_roles AS owner ON owner.oid = function.proowner
WHERE language.lanname NOT IN ('internal', 'c') AND function.prosrc <> '' AND (owner.rolsuper OR owner.rolname = current_user)
  AND function.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
