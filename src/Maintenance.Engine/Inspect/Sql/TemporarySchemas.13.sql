-- Before PostgreSQL 16 nobody can tell which session a temporary schema belongs to. Without other sessions it belongs to none.
SELECT NULL::int, pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
