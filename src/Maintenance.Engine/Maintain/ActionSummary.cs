using System.Globalization;
using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Maintain;

/// <summary>Many actions as one step of a run. Pure.</summary>
internal static class ActionSummary
{
    private static readonly (DbActionKind Kind, string Word)[] RowKinds =
        [(DbActionKind.DeleteRows, "deleted"), (DbActionKind.ArchiveRows, "archived"), (DbActionKind.AnonymiseRows, "anonymised"), (DbActionKind.RestoreRows, "restored")];

    /// <summary>The step.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="actions">What was done, left out and put off.</param>
    /// <param name="nothing">What to say where there was nothing to do.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="duration">How long it took.</param>
    public static MaintenanceStep ToStep(string name, IReadOnlyList<DbAction> actions, string nothing, DateTimeOffset startedAt, TimeSpan duration)
    {
        var trouble = actions.Where(action => action.Status != HealthStatus.Ok).OrderByDescending(action => action.State == StepState.Failed).FirstOrDefault();
        return new MaintenanceStep
        {
            Name = name,
            State = StateOf(actions),
            Status = actions.Select(action => action.Status).DefaultIfEmpty(HealthStatus.Ok).Max(),
            Message = actions.Count == 0 ? nothing : Describe(actions, trouble),
            Error = trouble?.Error,
            Recommendation = trouble?.Recommendation,
            StartedAt = startedAt,
            Duration = duration,
        };
    }

    // A step of which nothing was done did not run, whatever the reason for each of its actions was.
    private static StepState StateOf(IReadOnlyList<DbAction> actions) =>
        actions.Count == 0 || actions.Any(action => action.State == StepState.Done) ? StepState.Done
        : actions.Any(action => action.State == StepState.Failed) ? StepState.Failed
        : actions.Any(action => action.State == StepState.Cancelled) ? StepState.Cancelled
        : actions.Any(action => action.State == StepState.Deferred) ? StepState.Deferred
        : StepState.Skipped;

    private static string Describe(IReadOnlyList<DbAction> actions, DbAction? trouble)
    {
        var parts = new List<string>();
        var done = actions.Where(action => action.State == StepState.Done).ToList();
        if (done.Count > 0)
        {
            var reclaimed = done.Sum(action => Math.Max(0, action.Reclaimed ?? 0));
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{done.Count} done{(reclaimed > 0 ? $", {reclaimed / 1048576.0:0.0} MB given back" : "")}"));
        }

        foreach (var (kind, word) in RowKinds)
        {
            // Rows may have gone before it failed or was put off.
            if (actions.Where(action => action.Kind == kind).Sum(RetentionActions.RowsOf) is > 0 and var rows)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows {word}"));
            }
        }

        Count(StepState.Deferred, "put off");
        Count(StepState.Failed, "failed");
        Count(StepState.Cancelled, "cancelled");
        Count(StepState.Skipped, "left out");
        var text = $"{string.Join("; ", parts)}.";
        return trouble is null ? text : $"{text} {trouble.Schema}.{trouble.Name}: {trouble.Message}";

        void Count(StepState state, string word)
        {
            if (actions.Count(action => action.State == state) is > 0 and var count)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {word}"));
            }
        }
    }
}
