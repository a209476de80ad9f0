using Maintenance.Engine.Alerts;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>A part of the system that is not well.</summary>
/// <param name="Name">The part.</param>
/// <param name="Status">How it is.</param>
/// <param name="Causes">What makes it so, as issues are told apart: see <see cref="IssueCauses.OfHealth"/>. Empty where that is not known.</param>
internal sealed record UnwellPart(string Name, HealthStatus Status, IReadOnlyList<string> Causes);

/// <summary>How alerts stand with what was measured a moment ago.</summary>
/// <param name="Alerts">One for each rule in force and series.</param>
/// <param name="NotWell">The parts of the system that are not well, the worst first.</param>
internal sealed record AlertsNow(IReadOnlyList<Alert> Alerts, IReadOnlyList<UnwellPart> NotWell)
{
    /// <summary>Puts the alerts and what they were evaluated with together. Pure.</summary>
    public static AlertsNow Of(IReadOnlyList<Alert> alerts, SystemHealth health) => new(alerts,
    [
        .. health.Components
            .Where(part => part.Status is HealthStatus.Warning or HealthStatus.Critical)
            .OrderByDescending(part => part.Status)
            .Select(part => new UnwellPart(part.Name, part.Status,
                [.. health.Findings.Where(finding => finding.Area == part.Name && finding.Status == part.Status).Select(IssueCauses.OfHealth).Distinct()])),
    ]);

    /// <summary>What makes the score of the whole low, or the part that an alert is about not well; empty for other alerts, and where it is not known in full.</summary>
    public IReadOnlyList<string> CausesOf(Alert alert)
    {
        List<UnwellPart> parts = alert.Metric switch
        {
            IssueCauses.WholeScore => [.. NotWell.Where(part => part.Status == NotWell[0].Status)],
            HealthComponents.StatusMetric => [.. NotWell.Where(part => alert.Series.Equals(AlertSeries.Of(new Dictionary<string, string> { [HealthComponents.Label] = part.Name }), StringComparison.OrdinalIgnoreCase))],
            _ => [],
        };
        return parts.TrueForAll(part => part.Causes.Count > 0) ? [.. parts.SelectMany(part => part.Causes).Distinct()] : [];
    }
}

/// <summary>Measures, and looks at the values with the rules; nothing is remembered of it.</summary>
internal delegate Task<AlertsNow> AlertLook(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);
