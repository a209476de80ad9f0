namespace Maintenance.Engine.Security.Checks;

/// <summary>Checks of one setting: hidden is not permitted, never taken for well; and what this session has of its own is not the server's.</summary>
internal static class SettingCheck
{
    public static CheckResult Judge(AuditFacts facts, string name, Func<string?, Fault?> judge)
    {
        if (facts.Settings.GetValueOrDefault(name) is not { } setting)
        {
            return CheckResult.NotPermitted($"the setting {name}", $"GRANT pg_read_all_settings TO {facts.Server.QuotedRole};");
        }

        var own = Own(facts, setting);
        if (judge(setting.Value) is not { } fault)
        {
            return own is null ? CheckResult.Of([]) : new CheckResult { Unknown = $"{name} is well in this session, but comes from {own.Value.Place}: what other sessions have is not seen from here" };
        }

        var message = own is { } place ? $"{fault.Message.TrimEnd('.')}, set by {place.Place}." : fault.Message;
        return CheckResult.Of(
        [
            fault with
            {
                Evidence = new Dictionary<string, object?>(fault.Evidence) { ["Value"] = setting.Value, ["Source"] = setting.Source },
                Message = setting.PendingRestart ? $"{message.TrimEnd('.')}, until the server restarts." : message,
                // What the command line says, ALTER SYSTEM does not overrule; nor what a database or role has of its own.
                FixSql = own is { } found ? found.Fix : setting.Source is "command line" or "environment variable" ? null : fault.FixSql,
                Recommendation = setting.Source is "command line" or "environment variable" ? $"The server was started with {name}: change it where the server is started." : fault.Recommendation,
            },
        ]);
    }

    // Where a value comes from that holds for some sessions alone, and what ends it.
    private static (string Place, string? Fix)? Own(AuditFacts facts, SettingFacts setting)
    {
        if (setting.Source is not ("database" or "user" or "database user" or "global" or "client" or "session"))
        {
            return null;
        }

        var role = facts.Roles.Find(facts.Server.RoleOid)?.Name;
        // One of a role outranks one of a database, and one of a role in a database both.
        var stored = facts.StoredSettings
            .Where(stored => stored.IsHere && stored.Name == setting.Name && (stored.Role is null || stored.Role == role))
            .OrderByDescending(stored => stored.Alter.Contains(" IN DATABASE ", StringComparison.Ordinal)).ThenByDescending(stored => stored.Role is not null)
            .FirstOrDefault();
        return setting.Source is "client" or "session" || stored is null ? ("this session", null) : ($"the {stored.Place}", $"{stored.Alter} RESET {stored.QuotedName};");
    }
}
