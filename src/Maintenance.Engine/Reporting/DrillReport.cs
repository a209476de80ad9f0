using System.Globalization;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of a recovery drill: what a manager asks first comes first, what an auditor asks comes last. Pure.</summary>
internal static class DrillReport
{
    public static Report Of(RecoveryDrill drill) => new(
        $"Recovery drill of {drill.Target}",
        drill.Status,
        [
            drill.Verdict,
            string.Create(CultureInfo.InvariantCulture, $"Began {drill.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, took {DrillText.Duration(drill.Duration)} with all checks. The backups were restored into scratch servers; nothing of the maintained system was touched."),
        ],
        [
            new ReportSection(
                "Objectives",
                ["Result", "Objective", "Measured", "Wanted", "How"],
                [
                    [DrillText.Word(drill.RecoveryTimeResult), "Time until the system answers again (RTO)", DrillText.Known(drill.RecoveryTime), DrillText.Objective(drill.RecoveryTimeObjective), drill.RecoveryTimeNote],
                    [DrillText.Word(drill.RecoveryPointResult), "Age of what comes back: what is lost (RPO)", DrillText.Known(drill.RecoveryPoint), DrillText.Objective(drill.RecoveryPointObjective), drill.RecoveryPointNote],
                ],
                ""),
            new ReportSection(
                "Findings",
                ["Verdict", "About", "What was found", "What to do", "Id"],
                [.. drill.Findings.Select(finding => new[] { finding.Verdict(), finding.Subject, finding.Message, finding.Recommendation, finding.Id })],
                "Nothing was found that needs attention."),
            new ReportSection(
                "What was restored",
                ["Verdict", "Database", "Backup", "Taken (UTC)", "Size", "Recovery took", "Loss", "Result"],
                [
                    .. drill.Verifications.Select(test => new[]
                    {
                        test.Verdict.ToString(), Of(test.Database, test.Backup.Kind), test.Name, Time(test.Backup.TakenAt), Say.Size(test.Backup.SizeBytes),
                        Recovered(test, test.RecoveryTime), Recovered(test, test.RecoveryPoint), test.Message,
                    }),
                ],
                "Nothing was restored.")
            {
                Below = "Result",
            },
            new ReportSection(
                "Timeline",
                ["Began (UTC)", "About", "What", "Took", "Part of the recovery time"],
                [.. drill.Timeline.Select(moment => new[] { Time(moment.At), moment.Subject, moment.What, DrillText.Duration(moment.Duration), moment.CountsAsRecovery ? "yes" : "no" })],
                "Nothing was done.")
            {
                Chart = Chart(drill),
            },
            new ReportSection(
                "How fresh the backups are",
                ["State", "Database", "Newest backup", "Age", "Allowed", "Message"],
                [.. drill.Recencies.Select(recency => new[] { recency.State.ToString(), Of(recency.Database, recency.Newest?.Kind), recency.Newest?.Name, DrillText.Known(recency.Age), DrillText.Duration(recency.MaximumAge), recency.Message })],
                "That was not found out.")
            {
                Below = "Message",
            },
            new ReportSection(
                "Checks",
                ["Outcome", "Backup", "Level", "Check", "Message"],
                [.. drill.Verifications.SelectMany(test => test.Checks.Select(check => new[] { check.Outcome.ToString(), test.Name, check.Level.ToString(), check.Name, check.Message }))],
                "Nothing was checked."),
            new ReportSection(
                "Evidence",
                ["About", "What", "Value"],
                [.. drill.Evidence.Select(fact => new[] { fact.Subject, fact.Name, fact.Value ?? "unknown" })],
                "There is none."),
        ]);

    private static ReportChart? Chart(RecoveryDrill drill) => drill.Timeline.Count == 0 ? null : new ReportChart(
        "What took how long, from the beginning of the drill",
        [.. drill.Timeline.Select(moment => new ReportBar(moment.Subject, moment.What, moment.At - drill.StartedAt, moment.Duration, moment.CountsAsRecovery))],
        "part of the recovery time",
        "looking and checking");

    // A base backup is of all databases: an empty cell would look like a fault.
    private static string? Of(string? database, BackupKind? kind) => database ?? (kind == BackupKind.BaseBackup ? "the cluster" : null);

    // How long it took to find that a backup is no good is no recovery time.
    private static string Recovered(BackupVerification test, TimeSpan? time) => test.Verdict == BackupVerdict.Failed ? "not recovered" : DrillText.Known(time);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
