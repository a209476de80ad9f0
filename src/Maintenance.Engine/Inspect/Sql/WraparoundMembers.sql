-- How many files the members of multixacts fill.
SELECT count(*) FROM pg_ls_dir('pg_multixact/members')
