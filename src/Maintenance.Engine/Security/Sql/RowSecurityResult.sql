-- What RowSecurityProbe.sql found.
SELECT current_setting('maintenance.result')
