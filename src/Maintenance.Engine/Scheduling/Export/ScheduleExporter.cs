using System.Text.RegularExpressions;
using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>Writes what is scheduled for other schedulers. Pure.</summary>
internal static partial class ScheduleExporter
{
    /// <summary>Writes it.</summary>
    /// <param name="tasks">What is scheduled; what is not enabled is left out.</param>
    /// <param name="format">For whom.</param>
    /// <param name="targets">What is known of the targets of the tasks.</param>
    /// <param name="secrets">Names of the environment variables that secrets are in; null for those of the targets.</param>
    /// <param name="now">From when on it is to be right.</param>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static ScheduleExport Export(
        IReadOnlyList<ScheduledTask> tasks, ScheduleFormat format, IReadOnlyList<MaintenanceTarget> targets, IReadOnlyList<string>? secrets, DateTimeOffset now)
    {
        string[] names = [.. (secrets ?? [.. targets.SelectMany(SecretVariables.Of).Order(StringComparer.Ordinal)]).Distinct(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            Check(name);
        }

        ExportedTask[] exported =
        [
            .. tasks.Where(task => task.Enabled)
                .DistinctBy(task => (task.Target.ToUpperInvariant(), task.Task.ToUpperInvariant()))
                .Select(task => new ExportedTask(task, Recurrence.Parse(task.Cron, task.TimeZone), Missing(targets.FirstOrDefault(target => target.Name.Equals(task.Target, StringComparison.OrdinalIgnoreCase))))),
        ];
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

    /// <summary>What stands at the head of every file: what it is, what it needs, and what is to be known.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="needs">What it needs, line by line.</param>
    /// <param name="notes">What the scheduler cannot do as it is scheduled, and what keeps the tasks from running.</param>
    internal static IEnumerable<string> Heading(string what, IEnumerable<string> needs, IEnumerable<string> notes) =>
    [
        $"{what} Written by Export-MaintenanceSchedule of the Maintenance module:",
        "write it anew when the schedule (schedule in maintenance.json) changes.",
        "",
        .. needs,
        .. notes.Select(note => $"Note: {note}"),
    ];

    /// <summary>The same as comment of a file in which a number sign begins one.</summary>
    internal static string Comment(IEnumerable<string> heading) => string.Concat(heading.Select(line => $"# {line}".TrimEnd() + "\n"));

    /// <summary>What keeps tasks from running, a sentence for each target.</summary>
    internal static IEnumerable<string> Missing(IEnumerable<ExportedTask> tasks) => tasks.Select(task => task.Missing).OfType<string>().Distinct();

    // A file names its target, and its target is looked up in the configuration file of the machine that it runs on.
    private static string? Missing(MaintenanceTarget? target)
    {
        if (target is null || TargetOrigin.IsFile(target))
        {
            return null;
        }

        var name = ExportedTask.Shown(target.Name);
        return target.Origin == TargetOrigin.Sandbox
            ? $"'{name}' is a sandbox, which is on this machine alone, and only while it runs: these tasks find nothing to connect to (exit code 3) unless maintenance.json describes a target of that name."
            : $"'{name}' came from {(target.Origin == TargetOrigin.Environment ? "environment variables" : "parameters")}, not from a configuration file: these tasks find nothing to connect to (exit code 3) unless maintenance.json describes a target of that name. New-MaintenanceConfiguration makes such a file.";
    }

    private static void Check(string name)
    {
        if (!VariableName().IsMatch(name))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"'{ExportedTask.Shown(name)}' is no name of an environment variable.", "A name has letters, digits and underscores, such as PGPASSWORD.");
        }

        if (Taken().IsMatch(name))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"No secret can be in the environment variable {name}: the exported files, the shell or the scheduler set it themselves.",
                "Put the secret into a variable of its own, such as MAINTENANCE_DATABASE_URL, and name that one (env:NAME in maintenance.json, or -Secret).");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();

    // GITHUB_TOKEN is the one that GitHub has as a secret, too. Windows and Azure Pipelines do not tell capitals from small letters.
    [GeneratedRegex(
        @"\A(MAINTENANCE_CONFIG|HOME|PATH|SHELL|PWD|USER|LOGNAME|TMPDIR|TEMP|TMP|CRON_TZ|PSMODULEPATH|TF_BUILD|BUILD_ARTIFACTSTAGINGDIRECTORY|BUILD_SOURCESDIRECTORY|(GITHUB_(?!TOKEN\z)|RUNNER_|LD_|DOTNET_|XDG_)\w*)\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex Taken();
}
