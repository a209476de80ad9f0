-- Ends a server process, if it is still the one that was meant. $1 its number, $2 when it began.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2
