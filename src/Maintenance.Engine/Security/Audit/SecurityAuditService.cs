using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Security.Audit;

/// <summary>The security audit as a whole: looks, compares with the audit before, judges the checklist, and tells those who have to know.</summary>
public sealed class SecurityAuditService
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

    private readonly DatabaseConnector _connector;
    private readonly NotificationService _notifications;
    private readonly TimeProvider _time;
    private readonly AuditGatherer _gatherer;
    private readonly AuditLedger _ledger;
    private readonly AuditPublisher _publisher;

    internal SecurityAuditService(
        IReadOnlyList<IAuditPart> parts, DatabaseConnector connector, HistoryService history, ArtifactService artifacts, NotificationService notifications, TimeProvider time)
    {
        _connector = connector;
        _notifications = notifications;
        _time = time;
        _gatherer = new AuditGatherer(parts, time);
        _ledger = new AuditLedger(history, time);
        _publisher = new AuditPublisher(artifacts, time);
    }

    /// <summary>Audits a target. What cannot be looked at is in the report. Default timeout 30 minutes.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">What it is made of.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<SecurityAuditReport> AuditAsync(MaintenanceTarget target, SecurityReportQuery query, CallContext call, CancellationToken cancellationToken) =>
        AuditAsync(target, query, AuditLedger.Audits, call, cancellationToken);

    /// <summary>Publishes a report, in every form that there is, and says whether it can be changed there.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured, Artifact…, Store….</exception>
    public Task<SecurityAuditReport> PublishAsync(MaintenanceTarget target, SecurityAuditReport report, CallContext call, CancellationToken cancellationToken) =>
        _publisher.PublishAsync(target, report, call, cancellationToken);

    /// <summary>Where <see cref="PublishAsync"/> puts reports of a target; null if nowhere.</summary>
    /// <param name="target">The target.</param>
    public static string? PlaceOf(MaintenanceTarget target) => AuditPublisher.PlaceOf(target);

    /// <summary>Tells the summary on the channel Security.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public async Task<SecurityAuditReport> NotifyAsync(MaintenanceTarget target, SecurityAuditReport report, CallContext call, CancellationToken cancellationToken) =>
        report with { Notification = await _notifications.SendAsync(target, AuditMessages.Of(report), call, cancellationToken) };

    /// <summary>Audits, and compares with audits of a kind.</summary>
    internal async Task<SecurityAuditReport> AuditAsync(MaintenanceTarget target, SecurityReportQuery query, string kind, CallContext call, CancellationToken cancellationToken)
    {
        var (began, started) = (_time.GetUtcNow(), _time.GetTimestamp());
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var asking = query.Findings is null && target.Database is not null ? AskAsync(target, call, deadline.Token) : Task.FromResult<(string?, string?)>((null, null));
        var evidence = query.Findings is { } given
            ? AuditGatherer.Given(target, given)
            : await _gatherer.GatherAsync(target, query.Parts, call, deadline, cancellationToken);
        var (version, role) = await asking;
        // What came through a pipeline may be a choice: of no part is it certain that all is there.
        var looked = query.Findings is not null ? [] : evidence.Parts.Where(part => part.IsLookedAt).Select(part => part.Part).ToList();
        IReadOnlyList<Finding> found =
        [
            .. evidence.Findings,
            .. AcceptanceFindings.Of(target, evidence.Findings, looked, began),
            .. query.WillPublish ? await _publisher.ProtectionAsync(target, call, deadline.Token) : [],
        ];

        var compared = await _ledger.CompareAsync(target, kind, found, query.Findings is null, query.Record, call with { Timeout = deadline.Remaining }, cancellationToken);
        var report = Make(target, evidence, compared, query, began) with { ServerVersion = version, Role = role };
        // An audit of some parts is not what the next one compares with: of the others nobody was told.
        if (query is { Record: true, Findings: null } && compared.Trouble is null && (kind == AuditLedger.Scans || evidence.Parts.All(part => Wanted(query, part.Part))))
        {
            await KeepAsync(target, kind, report, call, cancellationToken);
        }

        return report with { Duration = _time.GetElapsedTime(started) };
    }

    private static SecurityAuditReport Make(MaintenanceTarget target, AuditEvidence evidence, AuditComparison compared, SecurityReportQuery query, DateTimeOffset began)
    {
        var counts = AuditNumbers.Count(compared.Tracked);
        var today = DateOnly.FromDateTime(began.UtcDateTime);
        // What was left out on purpose says nothing about the rest; its lines are Unknown all the same.
        var unseen = evidence.Parts.Any(part => !part.IsLookedAt && Wanted(query, part.Part)) ? HealthStatus.Unknown : HealthStatus.Ok;
        return new SecurityAuditReport
        {
            Target = target.Name,
            IsFromPipeline = query.Findings is not null,
            Status = compared.Tracked.Findings.Select(finding => finding.Status).Append(unseen).Max(),
            Message = AuditNumbers.Say(counts),
            Sections = SecurityChecklist.Judge(compared.Tracked.Findings, evidence.Parts, today),
            Parts = evidence.Parts,
            Findings = [.. compared.Tracked.Findings.Order(SecurityAuditor.WorstFirst)],
            Fixed = [.. compared.Tracked.Fixed.Order(SecurityAuditor.WorstFirst)],
            NotChecked = [.. compared.Tracked.NotChecked.Order(SecurityAuditor.WorstFirst)],
            Counts = counts,
            PreviousAuditAt = compared.Last?.TakenAt,
            PreviousCounts = compared.Last is { } last ? AuditNumbers.Read(last.Values) : null,
            NextAuditOn = AuditCalendar.Next(today, target.Security.AuditSunday),
            ModuleVersion = TaskService.ModuleVersion,
            Machine = Environment.MachineName,
            CollectedAt = began,
        };
    }

    private static bool Wanted(SecurityReportQuery query, AuditPart part) => query.Parts?.Contains(part) ?? true;

    private async Task KeepAsync(MaintenanceTarget target, string kind, SecurityAuditReport report, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            await _ledger.KeepAsync(target, kind, report, call, cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Warning($"The history does not know of this audit: {exception.Message}");
        }
    }

    // As whom and what was read. That it could not be asked is told by the parts, which ask the same server.
    private async Task<(string? Version, string? Role)> AskAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("New-SecurityAuditReport", TimeSpan.FromSeconds(10)), call, cancellationToken);
            return (session.ServerVersion, session.User);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            return (null, null);
        }
    }
}
