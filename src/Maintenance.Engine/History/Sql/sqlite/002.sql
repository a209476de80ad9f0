-- Version 2. Place kept for the outbox of notifications.
PRAGMA user_version = 2;
