-- The first statement of a transaction that tries writing too. Nothing it tries gets as far as a row.
SET TRANSACTION READ WRITE
