-- Statistics are part of a recovery: without them the first queries take plans that nobody wants.
ANALYZE
