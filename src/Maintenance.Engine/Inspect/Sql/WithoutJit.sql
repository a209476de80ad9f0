-- Compiling a query over the catalogues takes longer than running it. The pool resets the setting with the session.
SELECT set_config('jit', 'off', false)
