-- What holds until the end of a transaction that samples. Compiling would cost more than it saves. $1 milliseconds
SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true)
