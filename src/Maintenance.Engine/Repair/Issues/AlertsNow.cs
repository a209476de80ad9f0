namespace Maintenance.Engine.Repair.Issues;

/// <summary>How alerts stand with what was measured a moment ago.</summary>
/// <param name="Alerts">One for each rule in force and series.</param>
/// <param name="NotWell">The parts of the system that are not well.</param>
internal sealed record AlertsNow(IReadOnlyList<Alert> Alerts, IReadOnlyList<string> NotWell);

/// <summary>Measures, and looks at the values with the rules; nothing is remembered of it.</summary>
internal delegate Task<AlertsNow> AlertLook(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);
