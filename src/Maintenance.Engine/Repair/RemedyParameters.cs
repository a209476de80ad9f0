using System.Globalization;

namespace Maintenance.Engine.Repair;

/// <summary>Reads the parameters of a remedy, which may come from anywhere.</summary>
internal static class RemedyParameters
{
    private const int Longest = 1000;

    /// <summary>A parameter that must be there.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static string Needed(this Remedy remedy, string name) => remedy.Optional(name) ?? throw new MaintenanceException(
        MaintenanceErrorCode.InvalidArgument,
        $"The remedy {RepairText.Of(remedy.Kind)} does not say its parameter '{name}', without which it is not known what to act on.",
        "Find the issue anew: Find-SystemIssue.");

    /// <summary>A parameter; null if it is not there.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument for one that nothing can be called.</exception>
    public static string? Optional(this Remedy remedy, string name) => remedy.Parameters.GetValueOrDefault(name) switch
    {
        null or "" => null,
        var value when value.Length > Longest || value.Contains('\0', StringComparison.Ordinal) => throw Invalid(remedy, name),
        var value => value,
    };

    /// <summary>An OID that must be there.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static long NeededOid(this Remedy remedy, string name) =>
        long.TryParse(remedy.Needed(name), NumberStyles.None, CultureInfo.InvariantCulture, out var oid) && oid is > 0 and <= uint.MaxValue ? oid : throw Invalid(remedy, name);

    /// <summary>The error for a parameter that cannot be what it should.</summary>
    public static MaintenanceException Invalid(this Remedy remedy, string name) => new(
        MaintenanceErrorCode.InvalidArgument,
        $"The parameter '{name}' of the remedy {RepairText.Of(remedy.Kind)} cannot be right: '{RepairText.Of(remedy.Parameters.GetValueOrDefault(name), 60)}'.",
        "Find the issue anew: Find-SystemIssue.");
}
