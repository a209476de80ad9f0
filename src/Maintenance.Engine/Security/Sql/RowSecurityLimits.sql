-- How long each statement of this transaction may run. $1 milliseconds
SELECT set_config('statement_timeout', $1, true)
