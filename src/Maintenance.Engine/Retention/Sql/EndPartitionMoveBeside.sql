-- Says that a move is over, if another one of the same partition is. OIDs are used again one day, so the name must be the same. $1 its id
UPDATE maintenance.partition_moves AS m SET done_at = pg_catalog.now()
WHERE m.id = $1 AND m.done_at IS NULL
  AND EXISTS (
      SELECT FROM maintenance.partition_moves AS o
      WHERE o.id <> m.id AND o.partition_oid = m.partition_oid AND o.partition_name = m.partition_name AND o.done_at IS NOT NULL)
