-- When a server process of ours began; nothing if it has ended. $1 its number.
SELECT backend_start FROM pg_stat_activity WHERE pid = $1
