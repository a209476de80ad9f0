-- Files that wait for the archiver.
SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'
