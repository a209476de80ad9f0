-- For one transaction: nothing is written, nothing takes for ever, and names mean what they mean to everybody.
SELECT pg_catalog.set_config('transaction_read_only', 'on', true),
       pg_catalog.set_config('statement_timeout', '300000', true),
       pg_catalog.set_config('search_path', '"$user", public', true)
