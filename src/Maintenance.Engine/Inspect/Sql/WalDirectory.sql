SELECT sum(size)::bigint FROM pg_ls_waldir()
