-- Names of roles and databases. $1 OIDs of roles, $2 OIDs of databases
SELECT true, oid::bigint, rolname::text FROM pg_roles WHERE oid::bigint = ANY ($1::bigint[])
UNION ALL
SELECT false, oid::bigint, datname::text FROM pg_database WHERE oid::bigint = ANY ($2::bigint[])
