-- Limits that a role or database may carry and the prelude does not know, since not every version has them: they would end a long
-- rebuild, or the connections that guard it.
SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('transaction_timeout', 'idle_session_timeout')
