using Maintenance.Engine.Analytics;
using Maintenance.Engine.Compliance;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Capacity;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>What is wrong with a system right now, and what would remove it.</summary>
public sealed class IssueService
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private readonly IReadOnlyList<IIssueProbe> _probes;
    private readonly DatabasePulse _pulse;
    private readonly SessionService _sessions;
    private readonly TimeProvider _time;

    internal IssueService(IReadOnlyList<IIssueProbe> probes, SessionService sessions, TimeProvider time) =>
        (_probes, _pulse, _sessions, _time) = (probes, new DatabasePulse(time), sessions, time);

    /// <summary>Every probe there is: whether the database answers, then the guide's four. Missed runs are looked for where somebody can tell of them.</summary>
    internal static IReadOnlyList<IIssueProbe> Probes(
        FunctionService functions,
        AnalyticsService analytics,
        ComplianceService compliance,
        WraparoundService wraparound,
        ReplicationService replication,
        IndexAdviceService indexes,
        VacuumService vacuum,
        CapacityService capacity,
        HistoryService history,
        Func<MaintenanceTarget, CallContext, CancellationToken, Task<IReadOnlyList<Finding>>>? heartbeat = null,
        AlertLook? alerts = null) =>
    [
        new DatabaseDownProbe(),
        new ErrorRateProbe(functions, analytics),
        new SlowResponseProbe(functions, analytics),
        new ConnectionProbe(functions),
        new IssueComplianceProbe(functions, compliance),
        new BlockingProbe(),
        new IdleInTransactionProbe(),
        new WraparoundProbe(wraparound),
        new ReplicationProbe(replication),
        new InvalidIndexProbe(indexes),
        new VacuumDueProbe(vacuum),
        new CapacityProbe(capacity),
        new FiringAlertProbe(history, alerts),
        .. heartbeat is null ? [] : new[] { new MissedRunProbe(heartbeat) },
    ];

    /// <summary>The kinds of issue that are looked for.</summary>
    public IReadOnlyList<IssueKind> Kinds => [.. _probes.SelectMany(probe => probe.Kinds)];

    /// <summary>The error for an id, or a pattern of ids, that no kind of issue has.</summary>
    /// <param name="id">As it was written.</param>
    public MaintenanceException NoSuchId(string id) => new(
        MaintenanceErrorCode.InvalidArgument, $"No issue has the id '{id}'.", Suggestion.Sentence(id, [.. Kinds.Select(kind => kind.Id)]));

    /// <summary>The error for an area, or a pattern of areas, that no kind of issue has.</summary>
    /// <param name="area">As it was written.</param>
    public MaintenanceException NoSuchArea(string area) => new(
        MaintenanceErrorCode.InvalidArgument, $"No issue has the area '{area}'.", Suggestion.Sentence(area, [.. Kinds.Select(kind => kind.Area).Distinct()]));

    /// <summary>Looks for issues. Default timeout 60 s for all of it. Changes nothing but our own snapshots in the history.</summary>
    /// <param name="target">The target.</param>
    /// <param name="selection">What is looked for, and what is wanted.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>
    /// What is wrong, the worst first; then what could not be looked at, which is never left out for being well; then, if wanted, what is well.
    /// </returns>
    public async Task<IReadOnlyList<Finding>> FindAsync(MaintenanceTarget target, IssueSelection selection, CallContext call, CancellationToken cancellationToken)
    {
        var probes = _probes.Where(probe => probe.Kinds.Any(kind => IsWanted(selection, kind.Id, kind.Area))).ToList();
        var applying = probes.Where(probe => probe.AppliesTo(target)).ToList();
        if (applying.Count < probes.Count)
        {
            call.Sink.Verbose($"Of '{target.Name}', these are left out on purpose: {string.Join(", ", probes.Except(applying).Select(probe => probe.Name))}.");
        }

        var found = await LookAsync(target, applying, call, cancellationToken);
        // What only says again what another finding says is no issue beside it.
        var told = IssueCauses.Folded([.. found.SelectMany(result => result.Findings.Where(finding => IsWanted(selection, finding.Id, finding.Area) || IsOfWhole(finding, result.Probe)))]);
        return
        [
            .. told.Where(finding => finding.Outcome == FindingOutcome.Pass ? selection.IncludePassed : finding.Severity >= selection.MinimumSeverity)
                .OrderBy(finding => finding.Outcome switch { FindingOutcome.Fail => 0, FindingOutcome.Pass => 2, _ => 1 })
                .ThenByDescending(finding => finding.Severity),
        ];
    }

    /// <summary>Looks again at one finding, with the one probe that gives such findings.</summary>
    /// <param name="target">The target.</param>
    /// <param name="finding">The finding as it was.</param>
    /// <param name="call">What the call brings along; default timeout 60 s.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IssueRecheck> FindAgainAsync(MaintenanceTarget target, Finding finding, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (_probes.FirstOrDefault(probe => probe.Kinds.Any(kind => kind.Id.Equals(finding.Id, StringComparison.OrdinalIgnoreCase))) is not { } probe)
        {
            return new IssueRecheck
            {
                IsThere = null,
                Message = $"Find-SystemIssue does not look for {finding.Id}, so it cannot look whether it is still there.",
                CollectedAt = _time.GetUtcNow(),
            };
        }

        var found = await LookAsync(target, [probe], call, cancellationToken);
        return IssueRechecks.Judge(probe, finding, found[0].Findings, _time.GetUtcNow());
    }

    private static bool IsWanted(IssueSelection selection, string id, string area) => selection.Ids?.Invoke(id) != false && selection.Areas?.Invoke(area) != false;

    // Whoever asks for one of a probe's ids has to be told that the probe saw nothing of it, or nothing wrong.
    private static bool IsOfWhole(Finding finding, IIssueProbe probe) => finding.Outcome != FindingOutcome.Fail && finding.Id == probe.Kinds[0].Id;

    /// <summary>So long the database may take to answer anything, with a new connection at the end.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(8);

    // Before all others: a server that is frozen would keep every probe waiting until the end. One that is full is asked through the pool, whose
    // connection the others use: a new one might take the last.
    private async Task<MaintenanceException?> AskDatabaseAsync(MaintenanceTarget target, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        if (target.Database is null || !IssueScope.HasDatabase(target))
        {
            return null;
        }

        try
        {
            var half = deadline.Remaining!.Value / 2;
            return await _pulse.WatchAsync(
                target,
                $"Connecting to the database of '{target.Name}'",
                half < AnswerWithin ? half : AnswerWithin,
                call,
                async (_, token) =>
                {
                    await _sessions.GreetAsync(target, call, token);
                    // That one was perhaps open before, and nobody else gets in.
                    await _pulse.RequireEntryAsync(target, AnswerWithin, call, token);
                    return (MaintenanceException?)null;
                },
                cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            return exception;
        }
    }

    private static MaintenanceTarget Hasty(MaintenanceTarget target) => target with { Database = target.Database! with { ConnectTimeout = TimeSpan.FromSeconds(1) } };

    private async Task<IReadOnlyList<(IIssueProbe Probe, IReadOnlyList<Finding> Findings)>> LookAsync(
        MaintenanceTarget target, IReadOnlyList<IIssueProbe> probes, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var now = _time.GetUtcNow();
        // Whoever looks for one thing alone, as between two remedies on a server that is full, takes no connection beside it.
        var trouble = probes.Any(probe => probe is DatabaseDownProbe) ? await AskDatabaseAsync(target, call, deadline, cancellationToken) : null;
        var context = new IssueContext(
            trouble is not null && PostgresErrors.IsDown(trouble) && !PostgresErrors.IsNoConnectionLeft(trouble) ? Hasty(target) : target, call with { Timeout = deadline.Remaining }, _sessions, now, deadline.Token) { DatabaseTrouble = trouble };
        var results = await new IssueRunner(_time).RunAsync(context, probes, deadline, cancellationToken);
        return
        [
            .. results.Select(result => (result.Probe, (IReadOnlyList<Finding>)
            [
                .. result.Findings.Select(finding => IssueRemedies.WithCustom(finding with { Target = target.Name, CollectedAt = now }, target.Repair)),
            ])),
        ];
    }
}
