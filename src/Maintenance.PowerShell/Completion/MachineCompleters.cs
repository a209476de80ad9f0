namespace Maintenance.Completion;

/// <summary>Completes the IANA names of time zones.</summary>
public sealed class TimeZoneCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => TimeZoneInfo.GetSystemTimeZones().Where(zone => zone.HasIanaId).Select(zone => new NameChoice(zone.Id, zone.DisplayName)));
}

/// <summary>Completes the names of environment variables. Their values are not looked at.</summary>
public sealed class EnvironmentVariableCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.OrdinalIgnoreCase).Select(name => new NameChoice(name)));
}
