namespace Maintenance.Engine.Security;

/// <summary>The settings that checks judge.</summary>
internal static class SecuritySettings
{
    /// <summary>Settings that may hold a password.</summary>
    public static readonly IReadOnlyList<string> MayHoldSecrets =
        ["primary_conninfo", "archive_command", "archive_cleanup_command", "recovery_end_command", "restore_command", "ssl_passphrase_command"];

    /// <summary>Their names.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "ssl", "ssl_min_protocol_version", "ssl_ciphers", "password_encryption", "listen_addresses",
        "log_connections", "log_disconnections", "log_statement", "log_line_prefix", "log_destination", "logging_collector", "log_file_mode", "log_min_messages",
        "log_min_error_statement", "log_error_verbosity", "log_replication_commands", "debug_print_parse", "debug_print_rewritten", "debug_print_plan",
        "shared_preload_libraries", "session_preload_libraries", "allow_system_table_mods", "ignore_system_indexes", "zero_damaged_pages", "ignore_checksum_failure",
        "row_security", "data_checksums",
        .. MayHoldSecrets,
    ];
}
