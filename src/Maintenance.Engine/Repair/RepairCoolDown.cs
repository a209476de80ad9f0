using System.Globalization;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair;

/// <summary>Says why a remedy is not carried out again so soon. Pure.</summary>
internal static class RepairCoolDown
{
    /// <summary>A remedy that helps again and again hides the cause.</summary>
    internal const int MostSuccesses = 3;

    /// <summary>The reason; null if there is none.</summary>
    /// <param name="past">Earlier tries of the target, in any order.</param>
    /// <param name="fingerprint">The finding.</param>
    /// <param name="remedy">The remedy, as it is kept.</param>
    /// <param name="coolDown">How long a remedy rests.</param>
    /// <param name="now">The time.</param>
    public static string? Reason(IEnumerable<SystemRepair> past, string fingerprint, Remedy remedy, TimeSpan coolDown, DateTimeOffset now)
    {
        var tries = past
            .Where(repair => repair.Fingerprint == fingerprint && IsSame(repair.Remedy, remedy) && repair.StartedAt > now - coolDown && repair.StartedAt <= now && IsTry(repair) && !WasForbidden(repair))
            .OrderByDescending(repair => repair.StartedAt)
            .ToList();
        if (tries.FirstOrDefault(repair => repair.State != RepairState.Resolved) is { } useless)
        {
            var what = useless.State switch
            {
                RepairState.NotResolved => "did not help",
                RepairState.Failed => "failed",
                RepairState.Running => "was begun, and nobody told its end",
                _ => "was carried out, and nobody knows whether it helped",
            };
            return $"It {what} at {Time(useless.StartedAt)}, and is not repeated before {Time(useless.StartedAt + coolDown)}.";
        }

        return tries.Count >= MostSuccesses
            ? Say.Text($"It helped {tries.Count} times within {Say.Duration(coolDown)}, and the issue came back each time: repeating it hides the cause. It is not repeated before {Time(tries[MostSuccesses - 1].StartedAt + coolDown)}.")
            : null;
    }

    /// <summary>Whether a remedy was carried out, or begun.</summary>
    public static bool IsTry(SystemRepair repair) => repair.State is not (RepairState.Refused or RepairState.AlreadyGone);

    /// <summary>
    /// Whether two remedies are one. Of most kinds there is one for each finding, and naming another thing does not make another of it; but programs and
    /// script blocks of one's own are as many as one writes.
    /// </summary>
    public static bool IsSame(Remedy one, Remedy other) => one.Kind == other.Kind && one.Kind switch
    {
        Actions.ScriptAction.Kind => one.Command == other.Command,
        Actions.CustomAction.Kind => string.Equals(one.Parameters.GetValueOrDefault("name"), other.Parameters.GetValueOrDefault("name"), StringComparison.OrdinalIgnoreCase),
        _ => true,
    };

    // Nothing was done: the right that was missing may be there now.
    private static bool WasForbidden(SystemRepair repair) => repair is { State: RepairState.Failed, Error: MaintenanceErrorCode.PermissionDenied };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
