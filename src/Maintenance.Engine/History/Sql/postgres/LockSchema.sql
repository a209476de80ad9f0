-- One process upgrades at a time; the others wait, and find it done. Ends with the transaction.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('Maintenance/History', 0))
