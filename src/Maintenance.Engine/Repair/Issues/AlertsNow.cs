namespace Maintenance.Engine.Repair.Issues;

/// <summary>How alerts stand with what was measured a moment ago.</summary>
/// <param name="Alerts">One for each rule in force and series.</param>
/// <param name="NotWell">The parts of the system that are not well, the worst first.</param>
/// <param name="Worst">Those of them that are as bad as the worst: they make the score of the whole low.</param>
internal sealed record AlertsNow(IReadOnlyList<Alert> Alerts, IReadOnlyList<string> NotWell, IReadOnlyList<string> Worst);

/// <summary>Measures, and looks at the values with the rules; nothing is remembered of it.</summary>
internal delegate Task<AlertsNow> AlertLook(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);
