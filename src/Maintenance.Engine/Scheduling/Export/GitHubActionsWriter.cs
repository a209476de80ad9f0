namespace Maintenance.Engine.Scheduling.Export;

/// <summary>A workflow of GitHub with a job for each task.</summary>
internal static class GitHubActionsWriter
{
    // GitHub starts nothing more often than every {Shortest} min.
    private const int Shortest = 5;

    // What GitHub's own runners give a job.
    private const int HostedMinutes = 360;

    /// <summary>Writes it.</summary>
    public static ScheduleExport Write(IReadOnlyList<ExportedTask> tasks, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var jobs = tasks.Select(task => (Task: task, Schedule: PortableSchedule.InUtc(task.Recurrence, Shortest, now))).ToList();
        List<string> notes =
        [
            .. ScheduleExporter.Missing(tasks),
            .. jobs.Where(job => job.Schedule.IsThinned)
                .Select(job => $"{job.Task.Label} ({job.Task.When}) starts {job.Schedule.Pace} here: GitHub starts nothing more often than every {Shortest} min. For more, use Start-MaintenanceAgent."),
        ];
        if (PipelineScript.TooLong(tasks, HostedMinutes) is { } tooLong)
        {
            notes.Add($"{tooLong} Set a shorter limit for them (schedule.tasks.NAME.timeout), or let runners of your own run them (runs-on).");
        }

        var triggers = new Yaml.Map();
        if (tasks.Count > 0)
        {
            triggers.Add("schedule", jobs.SelectMany(job => job.Schedule.Entries).Distinct().Select(object (entry) => new Yaml.Map { { "cron", entry.ToString() } }).ToList());
        }

        triggers.Add("workflow_dispatch", tasks.Count == 0 ? new Yaml.Map() : new Yaml.Map
        {
            {
                "inputs", new Yaml.Map
                {
                    {
                        "task", new Yaml.Map
                        {
                            { "description", "Task to run now" },
                            { "type", "choice" },
                            { "required", true },
                            { "options", tasks.Select(object (task) => task.Id).ToList() },
                        }
                    },
                }
            },
        });
        var all = new Yaml.Map();
        foreach (var (task, schedule) in jobs)
        {
            all.Add(JobName(task), Job(task, schedule, secrets));
        }

        var root = new Yaml.Map
        {
            { "name", "Maintenance" },
            { "on", triggers },
            { "permissions", new Yaml.Map { { "contents", "read" } } },
            { "jobs", all },
        };
        return new ScheduleExport
        {
            Files = [new ScheduleFile("maintenance.yml", Yaml.Of(ScheduleExporter.Heading("The maintenance matrix as a workflow.", Needs(secrets), notes), root))],
            Notes = notes,
        };
    }

    private static IEnumerable<string> Needs(IReadOnlyList<string> secrets) =>
    [
        "Put it into .github/workflows. What it needs:" + (secrets.Count > 0 ? $" the repository secrets {string.Join(", ", secrets)} (leave out what you do not use);" : ""),
        "maintenance.json in the root of the repository; the module in its folder Maintenance, or installed on the runners.",
        "PowerShell 7.6 on the runners. Each job looks for it, and says what to do where it is older. GitHub's runners end a job after 360 min.",
        "Times are UTC, and GitHub may start late. A job that says -WhenDue is started more often than it is due, and the task itself decides:",
        "that takes a history which outlives the runner (history.kind Postgres). A critical or undetermined run fails its job.",
    ];

    private static string JobName(ExportedTask task) => char.IsAsciiLetter(task.Id[0]) ? task.Id : $"t-{task.Id}";

    private static Yaml.Map Job(ExportedTask task, PortableSchedule schedule, IReadOnlyList<string> secrets)
    {
        var environment = new Yaml.Map { { "MAINTENANCE_CONFIG", "${{ github.workspace }}/maintenance.json" } };
        foreach (var secret in secrets)
        {
            environment.Add(secret, $"${{{{ secrets.{secret} }}}}");
        }

        var times = string.Join(" || ", schedule.Entries.Select(entry => $"github.event.schedule == '{entry}'"));
        return new Yaml.Map
        {
            { "name", task.Label },
            { "if", $"(github.event_name == 'workflow_dispatch' && inputs.task == '{task.Id}') || {times}" },
            { "runs-on", "ubuntu-latest" },
            { "timeout-minutes", PipelineScript.Minutes(task) },
            { "concurrency", new Yaml.Map { { "group", $"maintenance-{task.Id}" }, { "cancel-in-progress", false } } },
            {
                "steps", new List<object>
                {
                    new Yaml.Map { { "uses", "actions/checkout@v4" } },
                    new Yaml.Map
                    {
                        { "name", task.Label },
                        { "shell", "pwsh" },
                        { "run", new Yaml.Block(PipelineScript.Of(task, schedule.AsksWhetherDue, "RUNNER_TEMP", "'hasFiles=true' >> $env:GITHUB_ENV")) },
                        { "env", environment },
                    },
                    new Yaml.Map
                    {
                        { "name", "Keep the files of the run" },
                        { "if", "${{ !cancelled() && env.hasFiles == 'true' }}" },
                        { "uses", "actions/upload-artifact@v4" },
                        {
                            "with", new Yaml.Map
                            {
                                { "name", $"{task.Id}-${{{{ github.run_attempt }}}}" },
                                { "path", "${{ runner.temp }}/maintenance" },
                            }
                        },
                    },
                }
            },
        };
    }
}
