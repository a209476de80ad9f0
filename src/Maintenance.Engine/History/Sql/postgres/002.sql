-- Version 2. Place kept for the outbox of notifications.
INSERT INTO maintenance.schema_version (version) VALUES (2);
