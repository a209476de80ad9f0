using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Repair;

/// <summary>How an incident ended. People are told in this order.</summary>
internal enum IncidentEnd
{
    /// <summary>It is there, or nobody knows.</summary>
    Remains = 0,

    /// <summary>A remedy was carried out, and then it was measured to be gone.</summary>
    Resolved,

    /// <summary>It was measured to be gone before anything was done about it: by what else was done, or by itself.</summary>
    Gone,
}

/// <summary>One thing that was wrong, however many findings and alerts told of it, and what came of it. Pure.</summary>
internal sealed class Incident
{
    private const string MeasuredAgain = "Measured again";

    private readonly IReadOnlyList<RepairedIssue> _parts;
    private readonly IReadOnlyList<Finding> _firing;
    private readonly RepairedIssue _lead;

    private Incident(IReadOnlyList<RepairedIssue> parts, IReadOnlyList<Finding> firing)
    {
        _parts = parts;
        _firing = firing;
        // What was measured last says how it is; before that, whatever says why nothing was done.
        var measured = parts.Where(part => part.Repair is { State: not RepairState.Refused }).MaxBy(part => part.Repair!.StartedAt);
        _lead = measured ?? parts.FirstOrDefault(part => part.Repair is not null || part.Reason is not null) ?? parts[0];
        End = measured?.Repair?.State switch
        {
            RepairState.Resolved => IncidentEnd.Resolved,
            RepairState.AlreadyGone => IncidentEnd.Gone,
            null when parts.All(part => part.Gone is not null) => IncidentEnd.Gone,
            _ => IncidentEnd.Remains,
        };
        // Below the limit of the issue and beyond that of an alert is better, and not over.
        IsBetter = End != IncidentEnd.Remains && firing.Count > 0;
        End = IsBetter ? IncidentEnd.Remains : End;
    }

    public IncidentEnd End { get; }

    /// <summary>True if the issue is gone, but an alert about the same still fires.</summary>
    public bool IsBetter { get; }

    /// <summary>True if a remedy was carried out, and nobody knows whether it helped.</summary>
    public bool IsUnknown => End == IncidentEnd.Remains && _lead.Repair?.State is RepairState.Unknown or RepairState.Running;

    /// <summary>True if nothing speaks against its remedy but that this run had done enough. What is critical is not left to another run.</summary>
    public bool IsForAnotherRun => End == IncidentEnd.Remains && Status != HealthStatus.Critical && _lead.Repair?.Error == MaintenanceErrorCode.RemedyLimitReached;

    /// <summary>True if it remains, and matters so little that several of its kind are told in one line.</summary>
    public bool IsMinor => End == IncidentEnd.Remains && !IsBetter && !IsUnknown && Severity <= FindingSeverity.Low;

    /// <summary>How much it matters.</summary>
    public FindingSeverity Severity => _parts.Max(part => part.Finding.Severity);

    public HealthStatus Status => End != IncidentEnd.Remains ? HealthStatus.Ok
        : IsBetter ? _firing.Max(finding => finding.Status)
        : _parts.Max(part => part.Finding.Status);

    /// <summary>What told of it.</summary>
    public IEnumerable<Finding> Findings => _parts.Select(part => part.Finding);

    /// <summary>What kind of issue it is. It may come from anywhere, and is told to people.</summary>
    public string Id => RepairText.Of(Lead.Id, 100);

    /// <summary>What it is about; null for nothing in particular.</summary>
    public string? Subject => Lead.Subject is { } subject ? RepairText.Of(subject, 200) : null;

    /// <summary>What it is called: the id, and what it is about.</summary>
    public string Name => $"{Id}{(Subject is { Length: > 0 } subject ? $" {subject}" : "")}";

    /// <summary>What was found, with its figures.</summary>
    public string Found => string.Join(" Also: ", _parts.Select(part => part.Finding.Message).Distinct());

    /// <summary>What was done, and what was measured then, apart; null where there is nothing to say.</summary>
    public (string? Done, string? Measured) Then
    {
        get
        {
            if (_lead.Repair is not { } repair)
            {
                return (_lead.Reason is { } reason ? $"Not repaired: {reason}" : null, _lead.Gone is { } gone ? $"Now: {gone}" : null);
            }

            if (repair.State == RepairState.Refused)
            {
                return ($"Not repaired: {repair.Message}", null);
            }

            // The message ends with what was measured again: where there is little room, that must not be what is cut off.
            var end = repair.Message.IndexOf(MeasuredAgain, StringComparison.Ordinal);
            var (done, measured) = end > 0 ? (repair.Message[..end].TrimEnd(), repair.Message[end..]) : (repair.Message, null);
            return ($"Then: {done}", IsBetter ? $"{measured} But an alert still fires: {string.Join(" ", _firing.Select(alert => alert.Message))}".TrimStart() : measured);
        }
    }

    /// <summary>What people should do; null where nothing is left to them.</summary>
    public string? Todo
    {
        get
        {
            if (End != IncidentEnd.Remains)
            {
                return null;
            }

            string?[] advice = [Lead.Recommendation, IsBetter ? null : _lead.Repair?.Recommendation];
            return advice.OfType<string>().Where(text => text.Length > 0).Distinct().ToList() is { Count: > 0 } all ? string.Join(" ", all) : "Look at it: Find-SystemIssue.";
        }
    }

    private Finding Lead => _lead.Finding;

    /// <summary>Puts together what is about the same, in the order in which people should read it. What could not be told is no incident.</summary>
    /// <param name="issues">The issues, and what came of each.</param>
    /// <param name="firing">Alerts that still fire after the repairs.</param>
    public static IReadOnlyList<Incident> Of(IEnumerable<RepairedIssue> issues, IReadOnlyList<Finding> firing)
    {
        var alerts = firing.ToLookup(IssueCauses.Of);
        return
        [
            .. issues.Where(issue => issue.Finding.Outcome == FindingOutcome.Fail)
                .GroupBy(issue => IssueCauses.Of(issue.Finding))
                .Select(group => new Incident([.. group], [.. alerts[group.Key]]))
                .OrderBy(incident => incident.End)
                .ThenByDescending(incident => incident.Status)
                .ThenByDescending(incident => incident.Severity),
        ];
    }
}
