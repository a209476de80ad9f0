using Maintenance.Engine.Security.Scan;

namespace Maintenance.Engine.Repair;

/// <summary>Text that others wrote (findings of unknown descent, programs, script blocks), made fit to be shown and kept.</summary>
internal static class RepairText
{
    /// <summary>One line of bounded length without control characters, secrets and addresses.</summary>
    public static string Of(string? text, int longest = 500) => ScanText.Clean(text, longest);
}
