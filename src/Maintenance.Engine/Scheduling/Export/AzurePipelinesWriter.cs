using System.Globalization;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>A pipeline of Azure DevOps with a job for each task.</summary>
internal static class AzurePipelinesWriter
{
    // A pipeline starts about a thousand runs a week by schedule, and then none: what comes every few minutes would keep all else from starting.
    private const int StartsPerWeek = 1000;
    private const int Shortest = 15;

    // What Microsoft's own agents give a job; of a private project that pays nothing, an hour.
    private const int HostedMinutes = 360;

    /// <summary>Writes it.</summary>
    public static ScheduleExport Write(IReadOnlyList<ExportedTask> tasks, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var jobs = tasks.Select(task => (Task: task, Schedule: PortableSchedule.InUtc(task.Recurrence, Shortest, now))).ToList();
        var entries = jobs.SelectMany(job => job.Schedule.Entries).Distinct().ToList();
        var starts = entries.Sum(entry => entry.StartsPerWeek);
        List<string> notes =
        [
            .. ScheduleExporter.Missing(tasks),
            .. jobs.Where(job => job.Schedule.IsThinned)
                .Select(job => $"{job.Task.Label} ({job.Task.When}) starts {job.Schedule.Pace} here: Azure Pipelines starts about {StartsPerWeek} runs of a pipeline a week. For more, use Start-MaintenanceAgent."),
        ];
        if (starts > StartsPerWeek)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"These schedules ask for {starts} runs a week, and Azure Pipelines starts about {StartsPerWeek} of a pipeline. Export fewer tasks to each, or use Start-MaintenanceAgent."));
        }

        if (PipelineScript.TooLong(tasks, HostedMinutes) is { } tooLong)
        {
            notes.Add($"{tooLong} Set a shorter limit for them (schedule.tasks.NAME.timeout), or let agents of your own run them (pool).");
        }

        var root = new Yaml.Map
        {
            { "trigger", "none" },
            { "pr", "none" },
        };
        if (tasks.Count > 0)
        {
            root.Add("schedules", entries.Select(object (entry) => new Yaml.Map
            {
                { "cron", entry.ToString() },
                { "displayName", Name(entry) },
                { "branches", new Yaml.Map { { "include", new List<object> { "main" } } } },
                { "always", true },
                { "batch", false },
            }).ToList());
            root.Add("parameters", new List<object>
            {
                new Yaml.Map
                {
                    { "name", "task" },
                    { "displayName", "Task to run now" },
                    { "type", "string" },
                    { "default", JobName(tasks[0]) },
                    { "values", tasks.Select(object (task) => JobName(task)).ToList() },
                },
            });
        }

        root.Add("variables", new List<object> { new Yaml.Map { { "group", "maintenance" } } });
        root.Add("pool", new Yaml.Map { { "vmImage", "ubuntu-latest" } });
        root.Add("jobs", jobs.Select(object (job) => Job(job.Task, job.Schedule, secrets)).ToList());
        return new ScheduleExport
        {
            Files = [new ScheduleFile("azure-pipelines.yml", Yaml.Of(ScheduleExporter.Heading("The maintenance matrix as a pipeline.", Needs(secrets), notes), root))],
            Notes = notes,
        };
    }

    private static IEnumerable<string> Needs(IReadOnlyList<string> secrets) =>
    [
        "What it needs: a variable group named maintenance" + (secrets.Count > 0 ? $" with the secrets {string.Join(", ", secrets)} (leave out what you do not use);" : ";"),
        "maintenance.json in the root of the repository; the module in its folder Maintenance, or installed on the agents.",
        "PowerShell 7.6 on the agents. Each job looks for it, and says what to do where it is older. Microsoft's agents end a job after 360 min (60 in a",
        "private project that pays nothing).",
        "Times are UTC. A job that says -WhenDue is started more often than it is due, and the task itself decides: that takes a history which",
        "outlives the agent (history.kind Postgres). A run with warnings ends as SucceededWithIssues, a critical or undetermined one as Failed.",
    ];

    private static string Name(CronEntry entry) => $"{entry} UTC";

    private static string JobName(ExportedTask task) => task.Id.Replace('-', '_') is var name && char.IsAsciiLetter(name[0]) ? name : $"t_{name}";

    private static Yaml.Map Job(ExportedTask task, PortableSchedule schedule, IReadOnlyList<string> secrets)
    {
        var environment = new Yaml.Map { { "MAINTENANCE_CONFIG", "$(Build.SourcesDirectory)/maintenance.json" } };
        foreach (var secret in secrets)
        {
            environment.Add(secret, $"$({secret})");
        }

        var times = string.Join(", ", schedule.Entries.Select(entry => $"'{Name(entry)}'"));
        return new Yaml.Map
        {
            { "job", JobName(task) },
            { "displayName", task.Label },
            { "timeoutInMinutes", PipelineScript.Minutes(task) },
            { "cancelTimeoutInMinutes", 5 },
            { "condition", $"or(in(variables['Build.CronSchedule.DisplayName'], {times}), and(ne(variables['Build.Reason'], 'Schedule'), eq('${{{{ parameters.task }}}}', '{JobName(task)}')))" },
            {
                "steps", new List<object>
                {
                    new Yaml.Map { { "checkout", "self" }, { "fetchDepth", 1 } },
                    new Yaml.Map
                    {
                        { "task", "PowerShell@2" },
                        { "displayName", task.Label },
                        {
                            "inputs", new Yaml.Map
                            {
                                { "targetType", "inline" },
                                { "pwsh", true },
                                { "script", new Yaml.Block(PipelineScript.Of(task, schedule.AsksWhetherDue, "BUILD_ARTIFACTSTAGINGDIRECTORY", "Write-Host '##vso[task.setvariable variable=hasFiles]true'")) },
                            }
                        },
                        { "env", environment },
                    },
                    new Yaml.Map
                    {
                        { "publish", "$(Build.ArtifactStagingDirectory)/maintenance" },
                        { "artifact", $"{JobName(task)}_$(System.JobAttempt)" },
                        { "displayName", "Keep the files of the run" },
                        { "condition", "and(succeededOrFailed(), eq(variables['hasFiles'], 'true'))" },
                    },
                }
            },
        };
    }
}
