-- Ends what a pg_dump that was killed left on the server. $1 the name it gave its sessions, which nothing else has.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()
