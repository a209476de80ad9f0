-- The first statement of a transaction that only reads: the server refuses every write, sequences included.
SET TRANSACTION READ ONLY
