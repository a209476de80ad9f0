namespace Maintenance.Engine.Security.Checks;

/// <summary>Checks of one setting: hidden is not permitted, never taken for well.</summary>
internal static class SettingCheck
{
    public static CheckResult Judge(AuditFacts facts, string name, Func<string?, Fault?> judge)
    {
        if (facts.Settings.GetValueOrDefault(name) is not { } setting)
        {
            return CheckResult.NotPermitted($"the setting {name}", $"GRANT pg_read_all_settings TO {facts.Server.QuotedRole};");
        }

        return judge(setting.Value) is not { } fault ? CheckResult.Of([]) : CheckResult.Of(
        [
            fault with
            {
                Evidence = new Dictionary<string, object?>(fault.Evidence) { ["Value"] = setting.Value, ["Source"] = setting.Source },
                Message = setting.PendingRestart ? $"{fault.Message.TrimEnd('.')}, until the server restarts." : fault.Message,
            },
        ]);
    }
}
