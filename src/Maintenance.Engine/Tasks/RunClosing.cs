using System.Globalization;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.History;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tasks;

/// <summary>
/// What happens once a run's verdict is known, in this order: people are told, the log is written with the outcome in it, the log is
/// published, and the run is recorded. What fails here is a step of the run, and a warning: it says nothing about the system.
/// </summary>
internal sealed class RunClosing(HistoryService history, NotificationService notifications, ArtifactService artifacts, TimeProvider time)
{
    /// <summary>Name of the step that tells people.</summary>
    public const string NotifyStep = "Notify";

    /// <summary>Name of the step that publishes the log.</summary>
    public const string PublishStep = "Publish";

    /// <summary>Recording waits this long at least, however late it is: a run that is not on record did not happen for anybody else.</summary>
    private static readonly TimeSpan LeastForRecord = TimeSpan.FromSeconds(2);

    /// <summary>Closes a run: tells people, publishes, records.</summary>
    /// <param name="target">The target.</param>
    /// <param name="run">The run.</param>
    /// <param name="messages">What people are told.</param>
    /// <param name="logFolder">Where the log belongs in the artefact store.</param>
    /// <param name="documents">Reports of its own.</param>
    /// <param name="log">Its log.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="deadline">The end of the whole run.</param>
    public async Task<MaintenanceRun> CloseAsync(
        MaintenanceTarget target, MaintenanceRun run, IReadOnlyList<NotificationMessage> messages, string logFolder, IReadOnlyList<TaskDocument> documents, RunLog log, CallContext call, Deadline deadline)
    {
        foreach (var message in messages)
        {
            run = WithStep(run, await NotifyAsync(target, message, call with { Timeout = Share(deadline, 3) }, deadline));
        }

        Describe(run, log);
        IReadOnlyList<TaskDocument> files = [.. Logs(run, logFolder, log), .. documents];
        run = await WriteLogAsync(target, run, files, call);
        if (messages.Count > 0)
        {
            run = WithStep(run, await PublishAsync(target, run, files, call with { Timeout = Share(deadline, 2) }, deadline));
        }

        return await KeepAsync(target, run, call, deadline);
    }

    /// <summary>Writes the log of a run and records it, for one of which nobody is told.</summary>
    /// <param name="target">The target.</param>
    /// <param name="run">The run.</param>
    /// <param name="log">Its log.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="deadline">The end of the whole run.</param>
    public async Task<MaintenanceRun> RecordAsync(MaintenanceTarget target, MaintenanceRun run, RunLog log, CallContext call, Deadline deadline)
    {
        Describe(run, log);
        return await KeepAsync(target, await WriteLogAsync(target, run, Logs(run, "", log), call), call, deadline);
    }

    private async Task<MaintenanceRun> KeepAsync(MaintenanceTarget target, MaintenanceRun run, CallContext call, Deadline deadline)
    {
        using var patience = new Deadline(deadline.Remaining is { } left && left > LeastForRecord ? left : LeastForRecord, time, CancellationToken.None);
        var problem = await history.TryRecordAsync(target, run, call with { Timeout = null }, patience.Token);
        return problem is null ? run : WithStep(run, Failed("History", problem, time.GetUtcNow()));
    }

    private static TimeSpan? Share(Deadline deadline, int parts) => deadline.Remaining is { } left ? left / parts : null;

    private async Task<MaintenanceStep> NotifyAsync(MaintenanceTarget target, NotificationMessage message, CallContext call, Deadline deadline)
    {
        var startedAt = time.GetUtcNow();
        if (target.Channels.Count == 0)
        {
            var skipped = Skipped(NotifyStep, $"Nobody was told on {message.Channel}: no channel is configured.", startedAt);
            // An emergency that nobody hears of is trouble of its own.
            return string.Equals(message.Channel, "Emergency", StringComparison.OrdinalIgnoreCase)
                ? skipped with { Status = HealthStatus.Warning, Recommendation = "Configure a channel for emergencies." }
                : skipped;
        }

        try
        {
            var result = await notifications.SendAsync(target, message, call, deadline.Token);
            return new MaintenanceStep
            {
                Name = NotifyStep,
                State = result.State == NotificationState.Delivered ? StepState.Done : StepState.Failed,
                Status = result.State == NotificationState.Delivered ? HealthStatus.Ok : HealthStatus.Warning,
                Message = $"{message.Title}: {result.Message}",
                Error = result.Error,
                Recommendation = result.Recommendation,
                StartedAt = startedAt,
                Duration = time.GetUtcNow() - startedAt,
            };
        }
        catch (MaintenanceException exception)
        {
            return Failed(NotifyStep, exception, startedAt);
        }
        catch (OperationCanceledException)
        {
            return Failed(NotifyStep, deadline.Exceeded("Telling people"), startedAt);
        }
    }

    // The day is that of the run's beginning, and another run of the day keeps its own log beside.
    private async Task<MaintenanceStep> PublishAsync(MaintenanceTarget target, MaintenanceRun run, IReadOnlyList<TaskDocument> files, CallContext call, Deadline deadline)
    {
        var startedAt = time.GetUtcNow();
        if (target.ArtifactStore is null)
        {
            return Skipped(PublishStep, "The log was not published: no artefact store is configured.", startedAt);
        }

        try
        {
            var published = new List<string>();
            // Those that were written: where the log could not be, a step says so.
            foreach (var file in run.Artifacts.Count == 0 ? [] : files)
            {
                await using var content = new FileStream(RunLogPath.For(target, run, file), FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);
                var options = new ArtifactOptions
                {
                    Name = ArtifactName.OfDay(file.Folder, file.Stem, run.StartedAt, file.Extension),
                    Conflict = ArtifactConflict.KeepBoth,
                    Metadata = new Dictionary<string, string>
                    {
                        ["run"] = run.Id.ToString("D"),
                        ["task"] = run.Task,
                        ["status"] = run.Status.ToString(),
                        ["startedAt"] = run.StartedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                    },
                };
                published.Add((await artifacts.PublishAsync(target, content, options, call, deadline.Token)).Location);
            }

            return new MaintenanceStep
            {
                Name = PublishStep,
                State = StepState.Done,
                Status = HealthStatus.Ok,
                Message = $"Published {string.Join(", ", published)}.",
                StartedAt = startedAt,
                Duration = time.GetUtcNow() - startedAt,
            };
        }
        catch (MaintenanceException exception)
        {
            return Failed(PublishStep, exception, startedAt);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Failed(PublishStep, new MaintenanceException(MaintenanceErrorCode.FileUnavailable, $"The log could not be read again: {exception.Message}", "Check the folder of the history."), startedAt);
        }
        catch (OperationCanceledException)
        {
            return Failed(PublishStep, deadline.Exceeded("Publishing the log"), startedAt);
        }
    }

    private static void Describe(MaintenanceRun run, RunLog log)
    {
        foreach (var step in run.Steps)
        {
            log.Add(
                $"{(step.State == StepState.Planned ? "PLANNED" : step.Status.ToString().ToUpperInvariant())} {step.Name}: {step.Message}{(step.Recommendation is { } advice ? $" {advice}" : "")}",
                Level(step.Status),
                new { step = step.Name, step.State, step.Status, step.Error, durationMs = step.Duration.TotalMilliseconds });
        }

        foreach (var action in run.Actions)
        {
            log.Add(
                $"- {action.State} {action.Kind} {action.Schema}.{action.Name}: {action.Message}{(action.Recommendation is { } advice ? $" {advice}" : "")}",
                Level(action.Status),
                new { action.Kind, action.Schema, action.Name, action.State, action.Error, action.Sql, action.Attempts, action.SizeBytes, action.SizeBytesAfter, durationMs = action.Duration?.TotalMilliseconds });
        }

        foreach (var finding in run.Findings)
        {
            log.Add(
                $"- {finding.Verdict()} {finding.Id}{(finding.Subject is { } subject ? $" {subject}" : "")}: {finding.Message} {finding.Recommendation}",
                Level(finding.Status),
                new { finding = finding.Id, finding.Area, finding.Severity, finding.Outcome, finding.Subject });
        }

        log.Add(
            string.Create(CultureInfo.InvariantCulture, $"=== {run.Status.ToString().ToUpperInvariant()} (exit code {run.ExitCode}) after {run.Duration.TotalSeconds:0.0} s: {run.Message} ==="),
            Level(run.Status),
            new { run = run.Id, run.Task, run.Target, run.Status, run.ExitCode });
    }

    private static string Level(HealthStatus status) => status switch
    {
        HealthStatus.Ok => "info",
        HealthStatus.Warning => "warning",
        HealthStatus.Critical => "critical",
        _ => "unknown",
    };

    // The run as it is told people, and as it is told programs.
    private static List<TaskDocument> Logs(MaintenanceRun run, string folder, RunLog log) =>
    [
        new("Log", folder, RunLogPath.LogStem, "log", log.ToString()),
        new("JsonLog", folder, RunLogPath.LogStem, "jsonl", log.ToJsonLines()),
        new("Report", folder, RunLogPath.LogStem, "md", MarkdownReportWriter.Write(ReportBuilder.Of(run))),
    ];

    private async Task<MaintenanceRun> WriteLogAsync(MaintenanceTarget target, MaintenanceRun run, IReadOnlyList<TaskDocument> files, CallContext call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
        try
        {
            var written = new List<MaintenanceArtifact>();
            foreach (var file in files)
            {
                var path = RunLogPath.For(target, run, file);
                written.Add(new MaintenanceArtifact(file.Kind, path, await RunLog.WriteAsync(path, file.Text, patience.Token)));
            }

            return run with { Artifacts = [.. run.Artifacts, .. written] };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            var problem = new MaintenanceException(
                MaintenanceErrorCode.HistoryUnavailable,
                $"The log '{RunLogPath.For(target, run)}' could not be written: {exception.Message}",
                "Check that the folder exists, is writable and has space.");
            call.Sink.Warning(problem.Message);
            return WithStep(run, Failed("Log", problem, time.GetUtcNow()));
        }
    }

    private static MaintenanceRun WithStep(MaintenanceRun run, MaintenanceStep step) => run with
    {
        Steps = [.. run.Steps, step],
        Status = step.Status > run.Status ? step.Status : run.Status,
        Message = step.State == StepState.Failed ? $"{run.Message} {step.Name} failed." : run.Message,
    };

    private static MaintenanceStep Skipped(string name, string message, DateTimeOffset startedAt) =>
        new() { Name = name, State = StepState.Skipped, Status = HealthStatus.Ok, Message = message, StartedAt = startedAt };

    private static MaintenanceStep Failed(string name, MaintenanceException problem, DateTimeOffset startedAt) => new()
    {
        Name = name,
        State = StepState.Failed,
        Status = HealthStatus.Warning,
        Message = problem.Message,
        Error = problem.Code,
        Recommendation = problem.Recommendation,
        StartedAt = startedAt,
    };
}
