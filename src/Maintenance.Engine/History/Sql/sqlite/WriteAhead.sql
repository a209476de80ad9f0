-- Readers and a writer do not wait for each other. Kept in the file.
PRAGMA journal_mode = WAL
