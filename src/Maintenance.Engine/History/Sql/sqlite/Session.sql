-- How long SQLite waits for a lock by itself; what lasts longer is tried again by the engine.
PRAGMA busy_timeout = 1000
