SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'checkout_api'
