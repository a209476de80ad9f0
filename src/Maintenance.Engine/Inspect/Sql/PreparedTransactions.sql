-- Transactions that were prepared and neither committed nor rolled back: they hold locks and an xmin without a session.
SELECT gid, quote_literal(gid), owner::text, database::text, prepared, transaction::text, age(transaction)::bigint
FROM pg_prepared_xacts
ORDER BY prepared
