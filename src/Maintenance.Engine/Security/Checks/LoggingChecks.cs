namespace Maintenance.Engine.Security.Checks;

/// <summary>Whether what happens on the server can be found out afterwards, and settings that undo its safety.</summary>
internal static class LoggingChecks
{
    private static readonly string[] Accountability = ["Art. 5(2)", "Art. 32(1)(d)"];
    private static readonly string[] Off = ["off", "", "false", "no", "0"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        // PostgreSQL 18 takes a list: receipt, authentication, authorization, setup_durations, or all.
        Log("DBSEC-LOG-CONNECTIONS", "Connections are logged", FindingSeverity.Medium, "log_connections", "3.1.20",
            value => Off.Contains(value) || !(value is "on" or "true" or "yes" or "1" or "all" || value.Contains("authorization", StringComparison.Ordinal) || value.Contains("authentication", StringComparison.Ordinal))
                ? Off.Contains(value) ? "connections are not logged" : "it is logged that somebody connects, but not who" : null, "on"),
        Log("DBSEC-LOG-DISCONNECTIONS", "The end of connections is logged", FindingSeverity.Low, "log_disconnections", "3.1.21", value => Off.Contains(value) ? "it is not logged when connections end" : null, "on"),
        Log("DBSEC-LOG-STATEMENT", "Changes of the schema are logged", FindingSeverity.Low, "log_statement", "3.1.25", value => value == "none" ? "no statement is logged, not even changes of the schema" : null, "ddl"),
        Log("DBSEC-LOG-LINE-PREFIX", "Log lines tell when, who, where and from where", FindingSeverity.Low, "log_line_prefix", "3.1.24", Prefix, "%m [%p]: db=%d,user=%u,app=%a,client=%h ", IsStructured),
        Log("DBSEC-LOG-ERROR-VERBOSITY", "Errors are logged with their details", FindingSeverity.Low, "log_error_verbosity", "3.1.22", value => value == "terse" ? "details, hints and contexts of errors are left out of the log" : null, "default"),
        Log("DBSEC-LOG-MIN-MESSAGES", "Warnings are logged", FindingSeverity.Low, "log_min_messages", "3.1.14", value => value is "error" or "log" or "fatal" or "panic" ? $"messages below {value} are not logged" : null, "warning"),
        Log("DBSEC-LOG-MIN-ERROR-STATEMENT", "Statements that fail are logged", FindingSeverity.Low, "log_min_error_statement", "3.1.15", value => value is "log" or "fatal" or "panic" ? "statements that fail are not logged" : null, "error"),
        Log("DBSEC-LOG-REPLICATION", "Replication commands are logged", FindingSeverity.Low, "log_replication_commands", "7.2", value => Off.Contains(value) ? "commands of replication, with which the whole server can be copied, are not logged" : null, "on"),
        Log("DBSEC-LOG-FILE-MODE", "Only the server's account reads its log", FindingSeverity.Medium, "log_file_mode", "3.1.6", value => value.TrimStart('0') is "600" or "640" ? null : $"log files are made with mode {value}", "0600"),
        Log("DBSEC-LOG-DEBUG-PARSE", "Parse trees are not logged", FindingSeverity.Low, "debug_print_parse", "3.1.16", value => Off.Contains(value) ? null : "parse trees, with the values in them, are logged", "off"),
        Log("DBSEC-LOG-DEBUG-REWRITTEN", "Rewritten trees are not logged", FindingSeverity.Low, "debug_print_rewritten", "3.1.17", value => Off.Contains(value) ? null : "rewritten trees, with the values in them, are logged", "off"),
        Log("DBSEC-LOG-DEBUG-PLAN", "Plans are not logged", FindingSeverity.Low, "debug_print_plan", "3.1.18", value => Off.Contains(value) ? null : "plan trees, with the values in them, are logged", "off"),
        new("DBSEC-LOG-COLLECTOR", "The log is kept", FindingSeverity.Low, Collector)
        {
            Recommendation = "Turn logging_collector on, or see that something else keeps what the server writes to its standard error.",
            Cis = ["3.1.2", "3.1.3"],
            Gdpr = Accountability,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-AUDIT-EXTENSION", "An audit extension is loaded", FindingSeverity.Low, Audit)
        {
            Recommendation = "pgaudit logs who read and changed what, apart from the rest of the log: install it, add it to shared_preload_libraries, and set pgaudit.log. Where log_statement or triggers do it, accept this finding.",
            Cis = ["3.2"],
            Gdpr = [.. Accountability, "Art. 30"],
            Scope = SecurityScope.Server,
        },
        new("DBSEC-LISTEN-ALL", "The server listens only where it has to", FindingSeverity.Low, facts => SettingCheck.Judge(facts, "listen_addresses", value =>
            value?.Split(',', StringSplitOptions.TrimEntries).Any(address => address is "*" or "0.0.0.0" or "::") == true
                ? new Fault("listen_addresses", $"The server listens on every address it has ({value}).")
                : null))
        {
            Recommendation = "Name the addresses that clients come through. In a container whose network says who may come, accept this finding.",
            Cis = ["5.2"],
            Gdpr = ["Art. 32(1)(b)"],
            Scope = SecurityScope.Server,
        },
        new("DBSEC-SETTING-UNSAFE", "No setting undoes the server's own safety", FindingSeverity.High, Unsafe)
        {
            Recommendation = "It is for rescuing data from a broken server, and does harm on any other. Turn it off.",
            Cis = ["6.3", "6.5", "6.6"],
            Gdpr = ["Art. 32(1)(b)"],
            Scope = SecurityScope.Server,
        },
        new("DBSEC-CHECKSUMS-OFF", "Pages have checksums", FindingSeverity.Low, facts => SettingCheck.Judge(facts, "data_checksums", value =>
            value == "on" ? null : new Fault("data_checksums", "Pages have no checksums: damage on the disk goes unnoticed.")))
        {
            Recommendation = "Stop the server and run pg_checksums --enable, on standbys too.",
            Gdpr = ["Art. 5(1)(f)", "Art. 32(1)(b)"],
            Scope = SecurityScope.Server,
        },
    ];

    private static SecurityCheck Log(string id, string title, FindingSeverity severity, string name, string cis, Func<string, string?> trouble, string better, Func<AuditFacts, bool>? isWellAnyway = null) =>
        new(id, title, severity, facts => isWellAnyway?.Invoke(facts) == true ? CheckResult.NothingToCheck("it does not matter to how this server logs") : SettingCheck.Judge(facts, name, value => trouble(value ?? "") is not { } why ? null : new Fault(name, $"{name} is '{value}': {why}.")
        {
            FixSql = $"ALTER SYSTEM SET {name} = '{better}'; SELECT pg_reload_conf();",
        }))
        {
            Recommendation = $"Set {name} to '{better}', or to what your policy asks for.",
            Cis = [cis],
            Gdpr = Accountability,
            Scope = SecurityScope.Server,
        };

    private static string? Prefix(string value)
    {
        (string What, string[] Escapes)[] parts =
            [("the time", ["%m", "%t", "%n"]), ("the process", ["%p", "%c"]), ("the role", ["%u"]), ("the database", ["%d"]), ("the client", ["%h", "%r"])];
        // A width may stand between: %-10u.
        var plain = System.Text.RegularExpressions.Regex.Replace(value, "%-?[0-9]+", "%");
        var missing = parts.Where(part => !part.Escapes.Any(escape => plain.Contains(escape, StringComparison.Ordinal))).Select(part => part.What).ToList();
        return missing.Count == 0 ? null : $"log lines do not tell {string.Join(", ", missing)}";
    }

    private static string[] Destinations(AuditFacts facts) =>
        (facts.Settings.GetValueOrDefault("log_destination")?.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // Logs as CSV and JSON have a field for everything, whatever the prefix.
    private static bool IsStructured(AuditFacts facts) =>
        Destinations(facts) is { Length: > 0 } destinations && destinations.All(destination => destination is "csvlog" or "jsonlog") && facts.Settings.GetValueOrDefault("logging_collector")?.Value == "on";

    private static CheckResult Collector(AuditFacts facts)
    {
        var destinations = Destinations(facts);
        if (destinations.Length == 0)
        {
            return SettingCheck.Judge(facts, "log_destination", _ => new Fault("log_destination", "The log goes nowhere.") { FixSql = "ALTER SYSTEM RESET log_destination; SELECT pg_reload_conf();" });
        }

        if (facts.Settings.GetValueOrDefault("logging_collector") is { Value: not "on" } && destinations is ["stderr"])
        {
            // journald, a container's engine and pg_ctl -l keep it too, and the server does not know.
            return new CheckResult { Manual = "the server writes to its standard error, and cannot tell who keeps it" };
        }

        return SettingCheck.Judge(facts, "logging_collector", value => value == "on" || destinations.Any(destination => destination is "syslog" or "eventlog") ? null
            : new Fault("logging_collector", $"The log is to be written as {string.Join(", ", destinations)}, which takes logging_collector, and that is off.") { FixSql = "ALTER SYSTEM SET logging_collector = on;" });
    }

    private static CheckResult Audit(AuditFacts facts)
    {
        if (facts.Settings.GetValueOrDefault("shared_preload_libraries") is not { } libraries)
        {
            return CheckResult.NotPermitted("the setting shared_preload_libraries", $"GRANT pg_read_all_settings TO {facts.Server.QuotedRole};");
        }

        if (libraries.Value?.Split(',', StringSplitOptions.TrimEntries).Any(library => library.Trim('"').EndsWith("pgaudit", StringComparison.Ordinal)) == true)
        {
            return facts.Settings.GetValueOrDefault("pgaudit.log")?.Value is null or "" or "none" && string.IsNullOrEmpty(facts.Settings.GetValueOrDefault("pgaudit.role")?.Value)
                ? CheckResult.Of([new Fault("pgaudit", "pgaudit is loaded, and neither pgaudit.log nor pgaudit.role tells it to log anything.") { FixSql = "ALTER SYSTEM SET pgaudit.log = 'ddl, role, write'; SELECT pg_reload_conf();" }])
                : CheckResult.Of([]);
        }

        // A fault is what somebody here could mend. Whether triggers, a proxy or the application keep the trail, the server does not know.
        return facts.HasAuditFiles
            ? CheckResult.Of([new Fault("pgaudit", "The server has pgaudit, but does not load it: who read what is not logged.") { Evidence = new Dictionary<string, object?> { ["SharedPreloadLibraries"] = libraries.Value } }])
            : new CheckResult { Manual = "this server does not have pgaudit, and cannot tell whether something else logs who read what" };
    }

    private static CheckResult Unsafe(AuditFacts facts)
    {
        string[] names = ["allow_system_table_mods", "ignore_system_indexes", "zero_damaged_pages", "ignore_checksum_failure"];
        var results = names.Select(name => SettingCheck.Judge(facts, name, value => value == "on" ? new Fault(name, $"{name} is on.") { FixSql = $"ALTER SYSTEM RESET {name}; SELECT pg_reload_conf();" } : null)).ToList();
        return CheckResult.Of(names.Length, results.SelectMany(result => result.Faults)) with
        {
            Denied = results.Select(result => result.Denied).FirstOrDefault(denied => denied is not null),
            Unknown = results.Select(result => result.Unknown).FirstOrDefault(unknown => unknown is not null),
        };
    }
}
