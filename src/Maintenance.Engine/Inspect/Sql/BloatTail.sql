-- The pages behind the last one that the free space map does not call empty. A page without rows has all but its header free, and
-- the map counts in steps of a 256th of a page. $1 relations.
SELECT o.oid,
       (SELECT coalesce(max(f.blkno) FILTER (WHERE f.avail < b.size - b.size / 128), -1) + 1 FROM pg_freespace(o.oid::oid::regclass) AS f)
FROM unnest($1::bigint[]) AS o(oid)
CROSS JOIN (SELECT current_setting('block_size')::int) AS b(size)
