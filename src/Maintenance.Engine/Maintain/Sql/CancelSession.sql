-- Only if the process is still the session that was meant, since numbers of processes are used again, and, if so wished, only if it
-- is still in the transaction that was seen.
-- $1 process, $2 when it connected, $3 whether the transaction matters, $4 when it began
SELECT pg_cancel_backend(pid), xact_start
FROM pg_stat_activity
WHERE pid = $1 AND backend_start = $2 AND (NOT $3::boolean OR xact_start IS NOT DISTINCT FROM $4::timestamptz)
