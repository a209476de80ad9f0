using System.Text;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>A CronJob for each task.</summary>
internal static class KubernetesWriter
{
    private const int LongestName = 48;

    /// <summary>Writes them, as one file of several documents.</summary>
    public static ScheduleExport Write(IReadOnlyList<ExportedTask> tasks, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        string[] notes = [.. ScheduleExporter.Missing(tasks)];
        var text = new StringBuilder(ScheduleExporter.Comment(ScheduleExporter.Heading("The maintenance matrix as CronJobs.", Needs(secrets), notes)));
        foreach (var task in tasks)
        {
            var schedule = PortableSchedule.InItsZone(task.Recurrence, now);
            foreach (var (i, entry) in schedule.Entries.Index())
            {
                text.Append("---\n").Append(Yaml.Of([$"{task.Label}: {task.When}"], Job(task, schedule, entry, i, secrets)));
            }
        }

        return new ScheduleExport { Files = [new ScheduleFile("maintenance-cronjobs.yml", text.ToString())], Notes = notes };
    }

    private static string[] Needs(IReadOnlyList<string> secrets) =>
    [
        "What they need: an image maintenance:latest with PowerShell 7.6 and the module (change its name here; the one of agent/Containerfile will do);",
        "a ConfigMap maintenance with maintenance.json;",
        "a Secret maintenance with " + (secrets.Count > 0 ? $"the keys {string.Join(", ", secrets)} (leave out what you do not use)." : "nothing in it, so far."),
        "A job that says -WhenDue is started more often than it is due, and the task itself decides: that takes a history which outlives the pod",
        "(history.kind Postgres). Exit codes: 0 ok, 1 warnings, 2 critical, 3 could not determine; all but 0 are a failed Job.",
    ];

    private static Yaml.Map Job(ExportedTask task, PortableSchedule schedule, CronEntry entry, int index, IReadOnlyList<string> secrets)
    {
        var labels = new Yaml.Map { { "app.kubernetes.io/name", "maintenance" } };
        var name = $"{task.Id.ToLowerInvariant()}{(index > 0 ? $"-{index + 1}" : "")}";
        return new Yaml.Map
        {
            { "apiVersion", "batch/v1" },
            { "kind", "CronJob" },
            { "metadata", new Yaml.Map { { "name", name.Length > LongestName ? name[^LongestName..].TrimStart('-') : name }, { "labels", labels } } },
            {
                "spec", new Yaml.Map
                {
                    { "schedule", entry.ToString() },
                    { "timeZone", schedule.TimeZone == "UTC" ? "Etc/UTC" : schedule.TimeZone },
                    { "concurrencyPolicy", "Forbid" },
                    { "startingDeadlineSeconds", 600 },
                    { "successfulJobsHistoryLimit", 3 },
                    { "failedJobsHistoryLimit", 3 },
                    {
                        "jobTemplate", new Yaml.Map
                        {
                            {
                                "spec", new Yaml.Map
                                {
                                    { "backoffLimit", 0 },
                                    { "activeDeadlineSeconds", task.Minutes * 60 },
                                    { "ttlSecondsAfterFinished", 86400 },
                                    { "template", new Yaml.Map { { "metadata", new Yaml.Map { { "labels", labels } } }, { "spec", Pod(task, schedule, secrets) } } },
                                }
                            },
                        }
                    },
                }
            },
        };
    }

    private static Yaml.Map Pod(ExportedTask task, PortableSchedule schedule, IReadOnlyList<string> secrets) => new()
    {
        { "restartPolicy", "Never" },
        { "automountServiceAccountToken", false },
        {
            "securityContext", new Yaml.Map
            {
                { "runAsNonRoot", true },
                { "runAsUser", 10001 },
                { "runAsGroup", 10001 },
                { "fsGroup", 10001 },
                { "seccompProfile", new Yaml.Map { { "type", "RuntimeDefault" } } },
            }
        },
        {
            "containers", new List<object>
            {
                new Yaml.Map
                {
                    { "name", "task" },
                    { "image", "maintenance:latest" },
                    { "command", new List<object> { "pwsh", "-NoProfile", "-NonInteractive", "-Command", task.OneLiner(schedule.AsksWhetherDue) } },
                    { "env", Environment(secrets) },
                    {
                        "securityContext", new Yaml.Map
                        {
                            { "allowPrivilegeEscalation", false },
                            { "readOnlyRootFilesystem", true },
                            { "capabilities", new Yaml.Map { { "drop", new List<object> { "ALL" } } } },
                        }
                    },
                    {
                        "resources", new Yaml.Map
                        {
                            { "requests", new Yaml.Map { { "cpu", "100m" }, { "memory", "256Mi" } } },
                            { "limits", new Yaml.Map { { "memory", "1Gi" } } },
                        }
                    },
                    {
                        "volumeMounts", new List<object>
                        {
                            new Yaml.Map { { "name", "configuration" }, { "mountPath", "/etc/maintenance" }, { "readOnly", true } },
                            new Yaml.Map { { "name", "home" }, { "mountPath", "/home/maintenance" } },
                            new Yaml.Map { { "name", "temporary" }, { "mountPath", "/tmp" } },
                        }
                    },
                },
            }
        },
        {
            "volumes", new List<object>
            {
                new Yaml.Map { { "name", "configuration" }, { "configMap", new Yaml.Map { { "name", "maintenance" } } } },
                new Yaml.Map { { "name", "home" }, { "emptyDir", new Yaml.Map() } },
                new Yaml.Map { { "name", "temporary" }, { "emptyDir", new Yaml.Map() } },
            }
        },
    };

    private static List<object> Environment(IReadOnlyList<string> secrets) =>
    [
        new Yaml.Map { { "name", "MAINTENANCE_CONFIG" }, { "value", "/etc/maintenance/maintenance.json" } },
        new Yaml.Map { { "name", "HOME" }, { "value", "/home/maintenance" } },
        .. secrets.Select(secret => new Yaml.Map
        {
            { "name", secret },
            { "valueFrom", new Yaml.Map { { "secretKeyRef", new Yaml.Map { { "name", "maintenance" }, { "key", secret }, { "optional", true } } } } },
        }),
    ];
}
