using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Where and over what time the guide's probes look.</summary>
internal static class IssueScope
{
    /// <summary>The guide's window (T1, T2), as functions take it.</summary>
    public const string WindowText = "15m";

    /// <summary>The same as a duration.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>Whether a part of the system is not watched on purpose.</summary>
    public static bool IsExcluded(MaintenanceTarget target, string component) => target.ExcludedComponents.Contains(component, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the database is there to be looked at.</summary>
    public static bool HasDatabase(MaintenanceTarget target) => !IsExcluded(target, HealthComponents.Database);

    /// <summary>Asks a function for a figure; null where there is none to ask.</summary>
    /// <typeparam name="T">Type of its answer.</typeparam>
    /// <param name="context">The search.</param>
    /// <param name="functions">Whom to ask through.</param>
    /// <param name="action">What to ask.</param>
    /// <param name="window">The time to ask for; null for actions that have none.</param>
    /// <param name="read">Takes the figure out of the answer.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public static Task<Figure?> AskAsync<T>(
        IssueContext context, FunctionService functions, FunctionAction<T> action, TimeSpan? window, Func<T, double> read, CancellationToken cancellationToken)
        where T : notnull =>
        AskAsync(context, functions, action, window is null ? [] : new Dictionary<string, object?> { ["time_window"] = WindowText }, read, cancellationToken);

    /// <summary>The same with arguments.</summary>
    public static async Task<Figure?> AskAsync<T>(
        IssueContext context, FunctionService functions, FunctionAction<T> action, Dictionary<string, object?> arguments, Func<T, double> read, CancellationToken cancellationToken)
        where T : notnull
    {
        if (!FunctionOpinion.IsAsked(context.Target))
        {
            return null;
        }

        var source = $"The function {action.Function}";
        return await Figure.ReadAsync(source, async () => new Figure(source, read(await functions.CallAsync(context.Target, action, arguments, context.FunctionCall, cancellationToken))));
    }

    /// <summary>A figure of a measurement, with the reason where there is none.</summary>
    /// <param name="source">Who says so.</param>
    /// <param name="measurement">The measurement.</param>
    /// <param name="metric">Name of the metric.</param>
    public static Figure Of(string source, Measurement measurement, string metric)
    {
        var measured = measurement.Metrics.FirstOrDefault(candidate => candidate.Name == metric);
        var gap = measurement.Findings.FirstOrDefault(finding => finding.Outcome is FindingOutcome.NotPermitted or FindingOutcome.Unknown);
        return new Figure(
            source,
            measured?.Value,
            measured?.Reason ?? gap?.Message,
            gap?.Outcome == FindingOutcome.NotPermitted ? MaintenanceErrorCode.PermissionDenied : null,
            gap?.Recommendation ?? "See Get-ErrorAnalytics, Get-PerformanceMetric and Get-ComplianceReport for what they need.");
    }
}
