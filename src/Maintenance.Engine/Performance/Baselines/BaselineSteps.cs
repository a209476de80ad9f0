using System.Globalization;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines as steps of a run.</summary>
internal static class BaselineSteps
{
    /// <summary>The step of the weekly maintenance (guide W6): of the database's own sources, kept in the history and in its table where it has one.</summary>
    /// <param name="service">What does it.</param>
    /// <param name="context">The run.</param>
    /// <param name="startedAt">When the run began: it is maintenance itself, and left out.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<MaintenanceStep> WeeklyAsync(PerformanceBaselineService service, TaskContext context, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        BaselineSource[] sources =
        [
            BaselineSource.RequestLog,
            .. context.Target.History.Kind == HistoryKind.None ? Array.Empty<BaselineSource>() : [BaselineSource.Statements, BaselineSource.Samples],
        ];
        var update = await service.MeasureAsync(
            context.Target,
            new BaselineQuery { Sources = sources, Excluded = [new BaselineExclusion { From = startedAt, To = now + TimeSpan.FromMinutes(1), Reason = "This run" }] },
            context.Call,
            cancellationToken);
        var failed = update.Gaps.Where(gap => !gap.IsAbsent).ToList();
        if (update.Baselines.Count == 0 && failed.Count == 0)
        {
            // A database may have no log of requests, and nobody who samples it: that is no trouble of its maintenance.
            return Step(StepState.Skipped, HealthStatus.Ok, $"Nothing was stored: {string.Join(" ", update.Gaps.Select(gap => gap.Message))}");
        }

        var stored = update.Baselines.Count == 0 ? [] : await StoreAsync(service, context.Target, update, context.Call, cancellationToken);
        return failed.Count == 0
            ? Step(StepState.Done, HealthStatus.Ok, string.Join(" ", stored.Prepend(Say(update))))
            : Step(update.Baselines.Count == 0 ? StepState.Failed : StepState.Done, HealthStatus.Unknown, string.Join(" ", failed.Select(gap => gap.Message).Concat(stored))) with { Error = failed[0].Error, Recommendation = failed[0].Recommendation };
    }

    /// <summary>Keeps baselines wherever they are kept.</summary>
    /// <returns>What came of it, in sentences.</returns>
    public static async Task<List<string>> StoreAsync(
        PerformanceBaselineService service, MaintenanceTarget target, BaselineUpdate update, CallContext call, CancellationToken cancellationToken)
    {
        var told = new List<string>
        {
            await service.KeepAsync(target, update.Baselines, call, cancellationToken) is { } place ? $"Kept in {place}." : "Not kept: the target has no history.",
        };
        if (PerformanceBaselineService.RowsFor(update.Baselines).Count > 0)
        {
            told.Add(await service.WriteTableAsync(target, update.Baselines, create: false, call, cancellationToken) is { } rows
                ? string.Create(CultureInfo.InvariantCulture, $"{rows} {(rows == 1 ? "row was" : "rows were")} written to {BaselineTable.Name}.")
                : $"There is no table {BaselineTable.Name}: nothing was written there.");
        }

        return told;
    }

    /// <summary>What was measured, in a sentence.</summary>
    public static string Say(BaselineUpdate update) => string.Create(
        CultureInfo.InvariantCulture,
        $"{update.Baselines.Count} {(update.Baselines.Count == 1 ? "baseline" : "baselines")} of {update.From.UtcDateTime:yyyy-MM-dd HH:mm}Z to {update.To.UtcDateTime:yyyy-MM-dd HH:mm}Z from {string.Join(", ", update.Baselines.Select(baseline => baseline.Source).Distinct())}{(update.Excluded.Count > 0 ? $", without {update.Excluded.Count} time{(update.Excluded.Count == 1 ? "" : "s")} of maintenance" : "")}.");

    private static MaintenanceStep Step(StepState state, HealthStatus status, string message) =>
        new() { Name = "", State = state, Status = status, Message = message, StartedAt = default };
}
