using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>A rebuild whose remains may still be there.</summary>
/// <param name="Action">What the history says of it.</param>
/// <param name="Origin">What was known before it began.</param>
internal sealed record InterruptedRebuild(DbAction Action, RebuildOrigin Origin);

/// <summary>
/// What a rebuild leaves in the history before it begins, so that a later run finds its remains even if this process is killed and
/// the server restarted: an action in the state Planned, with the indexes that were there.
/// </summary>
internal static class InterruptedRebuilds
{
    /// <summary>Key of the effect that says whether remains may be there.</summary>
    public const string CleanUp = "CleanUp";

    /// <summary>Remains may be there.</summary>
    public const string Pending = "Pending";

    /// <summary>Remains were dropped.</summary>
    public const string Done = "Done";

    private const string TableOid = "TableOid";
    private const string KnownOids = "KnownIndexOids";
    private const string Shape = "Shape";

    /// <summary>What is recorded before the rebuild begins.</summary>
    public static DbAction Intent(DbAction action, RebuildOrigin origin) => action with
    {
        State = StepState.Planned,
        Message = "Begun. If the history says nothing later, it was interrupted.",
        Effect = EffectOf(origin),
    };

    /// <summary>What a later run needs to find the remains.</summary>
    public static Dictionary<string, object?> EffectOf(RebuildOrigin origin) => new()
    {
        [CleanUp] = Pending,
        [TableOid] = origin.TableOid,
        [KnownOids] = string.Join(',', origin.KnownOids),
        [Shape] = origin.Shape,
    };

    /// <summary>The rebuilds of a database that may have left something. Pure.</summary>
    public static IReadOnlyList<InterruptedRebuild> Find(PastActions past, string database) =>
    [
        .. past.Actions
            .Where(action => action.Kind == DbActionKind.Reindex && action.Database == database)
            // What was recorded last of a rebuild counts; the new index has another OID, so that is no key.
            .DistinctBy(action => (action.Schema, action.Name, action.StartedAt))
            .Where(action => action.Effect.TryGetValue(CleanUp, out var state) && state is Pending)
            .Select(action => OriginOf(action) is { } origin ? new InterruptedRebuild(action, origin) : null)
            .OfType<InterruptedRebuild>(),
    ];

    /// <summary>What is to be recorded once nothing is left.</summary>
    /// <param name="rebuild">The rebuild.</param>
    /// <param name="successor">The index that took its place; null if it did not come that far.</param>
    public static DbAction Close(InterruptedRebuild rebuild, IndexState? successor)
    {
        var effect = rebuild.Action.Effect.ToDictionary();
        effect[CleanUp] = Done;
        var action = rebuild.Action with { Effect = effect };
        return rebuild.Action.State != StepState.Planned
            ? action
            : successor is not null
                ? action with { State = StepState.Done, Message = "The run was interrupted when the new index was in place; the old one was dropped later.", SizeBytesAfter = successor.SizeBytes }
                : action with { State = StepState.Failed, Error = MaintenanceErrorCode.Cancelled, Message = "The run was interrupted before the new index was in place; nothing of it is left." };
    }

    private static RebuildOrigin? OriginOf(DbAction action) =>
        Number(action.Effect.GetValueOrDefault(TableOid)) is { } table
            ? new RebuildOrigin(
                table,
                action.Oid,
                action.Effect.GetValueOrDefault(Shape) as string,
                (action.Effect.GetValueOrDefault(KnownOids) as string ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number).OfType<long>().ToHashSet())
            : null;

    // The history gives numbers back as JSON has them.
    private static long? Number(object? value) =>
        long.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
