SELECT count(*) FROM public.profiles
