-- Changes whenever a transaction that wrote has ended: as long as it is the same, so are the catalogues.
SELECT pg_current_snapshot()::text
