using System.Text;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>Lines of a crontab.</summary>
internal static class CronWriter
{
    private static readonly string[] Needs =
    [
        "Times are UTC. Crons that do not know CRON_TZ (Debian's among them) count in the machine's zone: there it has to be UTC.",
        "Cron knows no nth weekday of a month and no summer time: a line that says -WhenDue starts more often than it is due, and the task decides.",
        "Cron brings no environment: secrets are read from ~/.config/maintenance/secrets.env (NAME=value, mode 600), if it is there.",
        "maintenance.json is the one of ~/.config/maintenance; PowerShell 7.6 and the module are installed. Cron mails what is printed: a run that is Ok",
        "prints nothing. Exit codes: 0 ok, 1 warnings, 2 critical, 3 could not determine.",
    ];

    /// <summary>Writes it.</summary>
    public static ScheduleExport Write(IReadOnlyList<ExportedTask> tasks, DateTimeOffset now)
    {
        string[] notes = [.. ScheduleExporter.Missing(tasks)];
        var text = new StringBuilder(ScheduleExporter.Comment(ScheduleExporter.Heading("The maintenance matrix as a crontab.", Needs, notes)));
        text.Append("SHELL=/bin/sh\nCRON_TZ=UTC\n");
        foreach (var task in tasks)
        {
            var schedule = PortableSchedule.InUtc(task.Recurrence, 1, now);
            text.Append("\n# ").Append(task.Label).Append(": ").Append(task.When).Append('\n');
            foreach (var entry in schedule.Entries)
            {
                text.Append(entry).Append(" set -a; f=\"$HOME/.config/maintenance/secrets.env\"; [ ! -r \"$f\" ] || . \"$f\"; exec pwsh -NoProfile -NonInteractive -Command '").Append(task.OneLiner(schedule.AsksWhetherDue, isQuiet: true)).Append("'\n");
            }
        }

        return new ScheduleExport { Files = [new ScheduleFile("maintenance.cron", text.ToString())], Notes = notes };
    }
}
