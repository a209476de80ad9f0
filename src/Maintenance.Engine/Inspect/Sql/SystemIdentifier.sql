-- What a server has in common with its standbys and nobody else.
SELECT system_identifier FROM pg_control_system()
