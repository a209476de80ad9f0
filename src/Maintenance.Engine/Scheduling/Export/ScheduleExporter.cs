using System.Text.RegularExpressions;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>Writes what is scheduled for other schedulers. Pure.</summary>
internal static partial class ScheduleExporter
{
    /// <summary>Writes it.</summary>
    /// <param name="tasks">What is scheduled; what is not enabled is left out.</param>
    /// <param name="format">For whom.</param>
    /// <param name="secrets">Names of the environment variables that secrets are in.</param>
    /// <param name="now">From when on it is to be right.</param>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static ScheduleExport Export(IReadOnlyList<ScheduledTask> tasks, ScheduleFormat format, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        if (secrets.FirstOrDefault(name => !VariableName().IsMatch(name)) is { } odd)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"'{odd}' is no name of an environment variable.", "A name has letters, digits and underscores, such as PGPASSWORD.");
        }

        ExportedTask[] exported =
        [
            .. tasks.Where(task => task.Enabled)
                .DistinctBy(task => (task.Target.ToUpperInvariant(), task.Task.ToUpperInvariant()))
                .Select(task => new ExportedTask(task, Recurrence.Parse(task.Cron, task.TimeZone))),
        ];
        string[] names = [.. secrets.Distinct(StringComparer.Ordinal)];
        return format switch
        {
            ScheduleFormat.AzurePipelines => AzurePipelinesWriter.Write(exported, names, now),
            ScheduleFormat.GitHubActions => GitHubActionsWriter.Write(exported, names, now),
            ScheduleFormat.Cron => CronWriter.Write(exported, now),
            ScheduleFormat.Systemd => SystemdWriter.Write(exported, now),
            ScheduleFormat.KubernetesCronJob => KubernetesWriter.Write(exported, names, now),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    /// <summary>What stands at the head of every file.</summary>
    internal static IEnumerable<string> Heading(string what) =>
    [
        $"{what} Written by Export-MaintenanceSchedule of the Maintenance module:",
        "write it anew when the schedule (schedule in maintenance.json) changes.",
    ];

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();
}
