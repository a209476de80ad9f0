-- Locks of the session, should a function have taken any: they outlive a rollback.
SELECT pg_advisory_unlock_all()
