-- Every role, with what it may do, and until when its password holds. The catalogue holds times that no calendar of a program does, and whoever may make roles can set one:
-- after the year 9999 is never, as infinity is; before the year 1, as -infinity, is past at a time that is not told. The one place that decides this.
SELECT r.oid::bigint, r.rolname::text, quote_ident(r.rolname), r.rolsuper, r.rolcanlogin, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
       coalesce(r.rolvaliduntil < calendar.ends, false),
       CASE WHEN r.rolvaliduntil >= calendar.begins AND r.rolvaliduntil < calendar.ends THEN r.rolvaliduntil END,
       r.rolvaliduntil < now()
FROM pg_roles AS r
CROSS JOIN (SELECT make_timestamptz(1, 1, 1, 0, 0, 0, 'UTC') AS begins, make_timestamptz(10000, 1, 1, 0, 0, 0, 'UTC') AS ends) AS calendar
