using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>A policy's result as one of the actions that the history keeps, and what earlier ones say about the next. Pure.</summary>
internal static class RetentionActions
{
    /// <summary>Ours, where nothing was done before: a half of what one core was measured to move from table to table.</summary>
    private const double AssumedRowsPerSecond = 150_000;

    private const string RowsEffect = "Rows";

    /// <summary>The action.</summary>
    public static DbAction ToAction(RetentionResult result) => new()
    {
        Target = result.Target,
        Database = result.Database,
        Kind = KindOf(result.Action),
        Schema = result.Schema,
        Name = result.Name,
        Oid = result.Oid,
        Sql = string.Join(";\n", result.Sql),
        Lock = result.Lock,
        PredictedDuration = result.PredictedDuration,
        PredictedFrom = result.PredictedFrom,
        State = result.State,
        Message = result.Message,
        Error = result.Error,
        Recommendation = result.Recommendation,
        Attempts = result.State is StepState.Planned or StepState.Skipped ? 0 : 1,
        StartedAt = result.StartedAt,
        Duration = result.Duration,
        RunId = result.RunId,
        Effect = Effect(result),
    };

    /// <summary>Rows that an action deleted, moved or overwrote.</summary>
    public static long RowsOf(DbAction action) => action.Effect.GetValueOrDefault(RowsEffect) is long rows ? rows : 0;

    /// <summary>What was put off and not finished since.</summary>
    public static bool IsPutOff(PastActions past, RetentionPolicy policy, IDbObject table) =>
        past.Newest(KindOf(policy.Action), table) is { State: StepState.Deferred };

    /// <summary>How long so many rows will take.</summary>
    public static (TimeSpan Duration, string From) Predict(PastActions past, RetentionPolicy policy, IDbObject table, long rows)
    {
        var rates = past.Actions
            .Where(action => action.Kind == KindOf(policy.Action) && action.Database == table.Database && action.Schema == table.Schema && action.Name == table.Name)
            .Where(action => action.Duration is { Ticks: > 0 } && RowsOf(action) > 1000)
            .Take(5)
            .Select(action => RowsOf(action) / action.Duration!.Value.TotalSeconds)
            .Order()
            .ToList();
        return rates.Count > 0
            ? (TimeSpan.FromSeconds(rows / rates[rates.Count / 2]), FormattableString.Invariant($"{rates.Count} earlier run(s) on it"))
            : (TimeSpan.FromSeconds(rows / AssumedRowsPerSecond), FormattableString.Invariant($"an assumed {AssumedRowsPerSecond:0} rows a second"));
    }

    private static DbActionKind KindOf(RetentionAction action) => action switch
    {
        RetentionAction.Delete => DbActionKind.DeleteRows,
        RetentionAction.Anonymise => DbActionKind.AnonymiseRows,
        _ => DbActionKind.ArchiveRows,
    };

    private static Dictionary<string, object?> Effect(RetentionResult result)
    {
        var effect = new Dictionary<string, object?>
        {
            ["CutOff"] = result.CutOff,
            ["RowsDue"] = result.RowsDue,
            [RowsEffect] = result.Rows,
            ["RowsLeft"] = result.RowsLeft,
            ["RowsHeld"] = result.RowsHeld,
            ["Bytes"] = result.Bytes,
            ["StoredBytes"] = result.StoredBytes,
            ["Batches"] = result.Batches,
            ["WorstBatchMilliseconds"] = result.WorstBatch?.TotalMilliseconds,
            ["WalBytes"] = result.WalBytes,
            ["Destination"] = result.Destination,
            ["Manifest"] = result.Manifest,
            ["Sha256"] = result.Sha256,
            ["Verified"] = result.Verified,
            ["Partitions"] = result.Partitions.Count == 0 ? null : string.Join(", ", result.Partitions),
        };
        return effect.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value);
    }
}
