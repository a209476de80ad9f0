SELECT pg_stat_statements_reset(oid, 0, 0) FROM pg_roles WHERE rolname = 'checkout_api'
