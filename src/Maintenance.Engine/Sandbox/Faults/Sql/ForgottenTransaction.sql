BEGIN; SELECT count(*) FROM public.user_consents
