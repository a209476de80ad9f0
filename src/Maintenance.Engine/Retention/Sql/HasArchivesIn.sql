-- Whether rows have gone into a store before. $1 the store
SELECT EXISTS (
    SELECT FROM maintenance.archives AS a
    JOIN maintenance.archive_parts AS p ON p.archive_id = a.id
    WHERE a.store = $1)
