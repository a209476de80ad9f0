using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Repair;
using Maintenance.Engine.Repair.Issues;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tasks;

/// <summary>
/// Looks for issues and repairs what may be repaired with nobody watching (guide T1 to TS). An issue is resolved when it was measured to be gone;
/// what remains is told, and where it is critical on the second channel as well. It runs outside of the maintenance windows too: an
/// incident does not wait for them.
/// </summary>
internal sealed class TroubleshootingTask(IssueService issues, RepairService repairs, HistoryService history) : IMaintenanceTask
{
    /// <summary>Its name.</summary>
    public const string TaskName = "Troubleshooting";

    /// <summary>Name of the step that looks for issues.</summary>
    public const string FindStep = "Find issues";

    /// <summary>What matters less is left to the weekly maintenance.</summary>
    private const FindingSeverity Least = FindingSeverity.Medium;

    public string Name => TaskName;

    public string Description => "Looks for issues, repairs those that may be repaired with nobody watching, measures again, and tells people what was resolved and what remains.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Tell on Default what was repaired and what remains, once it begins or changes, and once a day while it lasts; on the second channel what remains and is critical";

    public string LogFolder => "troubleshooting-logs";

    public TimeSpan DefaultTimeout => TimeSpan.FromMinutes(15);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        new(FindStep, $"Look for issues that matter: {string.Join(", ", issues.Kinds.Select(kind => kind.Title).Distinct())}"),
        new("Repair", Say.Text($"Carry out {Say.Count(target.Repair.MaximumActions, "remedy", "remedies")} at the most, of a risk up to {target.Repair.UnattendedRisk}, and measure again after each: Find-SystemIssue | Repair-SystemIssue -WhatIf shows the exact commands")),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var (target, call, deadline, time) = context;
        var startedAt = time.GetUtcNow();
        var steps = new List<MaintenanceStep>();
        IReadOnlyList<Finding> found;
        try
        {
            found = await deadline.RunAsync("Looking for issues", token => issues.FindAsync(target, new IssueSelection { MinimumSeverity = Least }, call with { Timeout = deadline.Remaining / 3 }, token));
        }
        catch (MaintenanceException exception)
        {
            Add(TroubleshootingSteps.NotFound(exception, startedAt, time.GetUtcNow() - startedAt));
            return new TaskOutcome(steps, [], []) { IsNews = await IsNewsAsync(context, steps, []) };
        }

        Add(TroubleshootingSteps.Found(found, startedAt, time.GetUtcNow() - startedAt));
        var issuesFound = new List<RepairedIssue>();
        // Alerts come last: what has been repaired by then fires no more.
        foreach (var finding in found.Where(finding => !IsOfAlerts(finding) || finding.Remedy is not null))
        {
            var repair = finding is { Outcome: FindingOutcome.Fail, Remedy: not null } ? await RepairAsync(context, finding, issuesFound.Count(issue => issue.Repair is { } done && TroubleshootingSteps.IsDone(done)), cancellationToken) : null;
            issuesFound.Add(new RepairedIssue(finding, repair));
            if (finding.Outcome == FindingOutcome.Fail)
            {
                Add(repair is null ? TroubleshootingSteps.Left(finding, time.GetUtcNow()) : TroubleshootingSteps.Repaired(finding, repair));
            }
        }

        IReadOnlyList<SystemRepair> tried = [.. issuesFound.Select(issue => issue.Repair).OfType<SystemRepair>()];
        IReadOnlyList<Finding> before = [.. found.Where(finding => IsOfAlerts(finding) && finding.Remedy is null)];
        var after = tried.Any(TroubleshootingSteps.IsDone) && (before.Any(IssueCauses.IsAlert) || found.Any(finding => finding.Evidence.ContainsKey(IssueCauses.Alerts)))
            ? await LookAtAlertsAsync(context, cancellationToken)
            : null;
        foreach (var alert in before)
        {
            issuesFound.Add(StandingOf(alert, after));
        }

        var report = new RepairReport(issuesFound, [.. (after ?? before).Where(IssueCauses.IsAlert)]);
        foreach (var issue in issuesFound.Skip(issuesFound.Count - before.Count).Where(issue => issue.Finding.Outcome == FindingOutcome.Fail))
        {
            Add(issue.Gone is { } figure ? TroubleshootingSteps.Quiet(issue.Finding, figure, time.GetUtcNow()) : TroubleshootingSteps.Left(issue.Finding, time.GetUtcNow()));
        }

        foreach (var alert in report.Firing)
        {
            Add(TroubleshootingSteps.Left(alert, time.GetUtcNow()));
        }

        var isNews = await IsNewsAsync(context, steps, tried);
        return new TaskOutcome(steps, [], [.. issuesFound.Where(issue => issue.Gone is null).Select(issue => issue.Finding), .. report.Firing]) { IsNews = isNews, Messages = isNews ? TroubleshootingSteps.Messages(target, report) : [] };

        void Add(MaintenanceStep step)
        {
            steps.Add(step);
            context.Report(step);
        }
    }

    // Where issues could not even be looked for.
    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => run.Steps.Any(step => step is { Name: FindStep, State: StepState.Failed })
        ? [new NotificationMessage { Severity = run.Status, Title = RunTitle.Of(run, [.. run.Steps]), Text = RunTitle.Lines([.. run.Steps]), Source = run.Task }]
        : [];

    private static bool IsOfAlerts(Finding finding) => finding.Id == IssueCatalogue.AlertFiring.Id;

    /// <summary>An alert as it stands after the repairs. Where nobody could look again, it is as it was.</summary>
    private static RepairedIssue StandingOf(Finding alert, IReadOnlyList<Finding>? after) => alert.Outcome != FindingOutcome.Fail || after is null
        ? new RepairedIssue(alert, null)
        : after.FirstOrDefault(now => now.Fingerprint == alert.Fingerprint && now.Outcome == FindingOutcome.Fail) is { } still
            ? new RepairedIssue(still, null)
            : new RepairedIssue(alert, null, after.FirstOrDefault(now => now.Outcome == FindingOutcome.Pass)?.Message ?? "Evaluated again after the repairs, it does not fire any more.");

    /// <summary>The alerts as they stand now; null if nobody can tell.</summary>
    private async Task<IReadOnlyList<Finding>?> LookAtAlertsAsync(TaskContext context, CancellationToken cancellationToken)
    {
        try
        {
            var now = await context.Deadline.RunAsync("Evaluating the alerts again", token => issues.FindAsync(
                context.Target, new IssueSelection { Ids = id => id == IssueCatalogue.AlertFiring.Id, IncludePassed = true }, context.Call with { Timeout = context.Deadline.Remaining }, token));
            return now.Any(finding => finding.Outcome is FindingOutcome.Fail or FindingOutcome.Pass) ? now : null;
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            context.Call.Sink.Warning($"Whether alerts still fire after the repairs is not known: {exception.Message}");
            return null;
        }
    }

    private async Task<SystemRepair> RepairAsync(TaskContext context, Finding finding, int done, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        try
        {
            return await repairs.RepairAsync(
                context.Target,
                finding,
                new RepairOptions { MaximumRisk = context.Target.Repair.UnattendedRisk, ActionsDone = done },
                context.Call with { Timeout = context.Deadline.Remaining },
                context.Deadline.Token);
        }
        catch (MaintenanceException exception)
        {
            return Failed(exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(context.Deadline.Exceeded("The repair"));
        }

        SystemRepair Failed(MaintenanceException problem) => new()
        {
            Id = Guid.CreateVersion7(startedAt),
            RunId = context.Call.RunId,
            Target = context.Target.Name,
            FindingId = finding.Id,
            Fingerprint = finding.Fingerprint,
            Subject = finding.Subject,
            Remedy = finding.Remedy!,
            State = RepairState.Failed,
            Message = problem.Message,
            Error = problem.Code,
            Recommendation = problem.Recommendation,
            StartedAt = startedAt,
            Duration = context.Time.GetUtcNow() - startedAt,
        };
    }

    /// <summary>Whether people are told of the run, and it is recorded: where something was done, got worse or changed, else once a day.</summary>
    private async Task<bool> IsNewsAsync(TaskContext context, List<MaintenanceStep> steps, IReadOnlyList<SystemRepair> tried)
    {
        var now = context.Time.GetUtcNow();
        var isDone = tried.Any(TroubleshootingSteps.IsDone);
        if (history.StoreOf(context.Target, context.Call) is not { } store)
        {
            return isDone || !RunLogPath.HasRecent(context.Target, Name, now - RunNews.AtMostEvery);
        }

        try
        {
            using var patience = new Deadline(TimeSpan.FromSeconds(5), context.Time, CancellationToken.None);
            return await patience.RunAsync("Reading what was told before", async token =>
            {
                var state = await SampleState.ReadAsync(store, context.Target.Name, token, SampleState.Troubleshooting);
                var told = RunNews.Of(state.Told, steps, now);
                var isNews = told is not null || isDone;
                // What was told because something was done need not be told again because it has changed.
                state.Told = told ?? (isDone ? RunNews.Of(null, steps, now) : state.Told);
                state.Taken[SampleState.Troubleshooting] = now;
                await state.WriteAsync(store, context.Target.Name, token, SampleState.Troubleshooting);
                return isNews;
            });
        }
        catch (MaintenanceException exception)
        {
            context.Call.Sink.Warning($"What people were told is not known: they may be told again. {exception.Message}");
            return isDone || !RunLogPath.HasRecent(context.Target, Name, now - RunNews.AtMostEvery);
        }
    }
}
