using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair;

/// <summary>Tells people what repairs came to (guide TS): only what was measured to be gone counts as resolved. Pure.</summary>
internal static class RepairMessages
{
    private const int MostLines = 10;

    /// <summary>The summary.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="repairs">What the repairs came to.</param>
    /// <param name="others">Issues that nobody tried to repair.</param>
    /// <param name="channel">Channel to tell it on.</param>
    public static NotificationMessage Summary(string target, IReadOnlyList<SystemRepair> repairs, IReadOnlyList<Finding> others, string channel)
    {
        var resolved = repairs.Count(repair => repair.State == RepairState.Resolved);
        var gone = repairs.Count(repair => repair.State == RepairState.AlreadyGone);
        var unknown = repairs.Count(repair => repair.State is RepairState.Unknown or RepairState.Running);
        var found = repairs.Count + others.Count;
        var left = found - resolved - gone;
        var lines = repairs.Where(repair => repair.State is not (RepairState.Resolved or RepairState.AlreadyGone)).OrderByDescending(repair => repair.Status)
            .Select(repair => $"{Word(repair.State)} {repair.FindingId}{Subject(repair.Subject)}: {repair.Message}{(repair.Recommendation is { } advice ? $" {advice}" : "")}")
            .Concat(others.OrderByDescending(finding => finding.Severity).Select(finding => $"NOT TRIED {finding.Id}{Subject(finding.Subject)}: {finding.Message}{(finding.Recommendation is { } advice ? $" {advice}" : "")}"))
            .Concat(repairs.Where(repair => repair.State is RepairState.Resolved or RepairState.AlreadyGone).Select(repair => $"{Word(repair.State)} {repair.FindingId}{Subject(repair.Subject)}: {repair.Message}"))
            .ToList();
        return new NotificationMessage
        {
            Channel = channel,
            Severity = left == 0 ? HealthStatus.Ok : Worst(repairs, others),
            Title = left == 0
                ? Say.Text($"🔧 {Say.Count(resolved, "issue", "issues")} of '{target}' resolved automatically{(gone > 0 ? Say.Text($", {gone} gone by itself") : "")}")
                : Say.Text($"⚠️ {Say.Count(left, "issue", "issues")} of '{target}' {(left == 1 ? "requires" : "require")} manual intervention"),
            Text = string.Join('\n', lines.Take(MostLines)) + (lines.Count > MostLines ? Say.Text($"\n… and {lines.Count - MostLines} more") : ""),
            Fields =
            [
                new NotificationField("Found", Say.Text($"{found}")),
                new NotificationField("Resolved", Say.Text($"{resolved}")),
                new NotificationField("Remaining", Say.Text($"{left}{(unknown > 0 ? Say.Text($", {unknown} of them unknown") : "")}")),
            ],
            Source = RepairService.TaskName,
        };
    }

    private static HealthStatus Worst(IEnumerable<SystemRepair> repairs, IEnumerable<Finding> others) =>
        repairs.Select(repair => repair.Status).Concat(others.Select(finding => finding.Status)).Append(HealthStatus.Warning).Max();

    private static string Subject(string? subject) => subject is null ? "" : $" {subject}";

    private static string Word(RepairState state) => state switch
    {
        RepairState.Resolved => "RESOLVED",
        RepairState.AlreadyGone => "GONE",
        RepairState.NotResolved => "NOT RESOLVED",
        RepairState.Failed => "FAILED",
        RepairState.Refused => "REFUSED",
        _ => "UNKNOWN",
    };
}
