using System.Globalization;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What is known of a build from before it began.</summary>
/// <param name="TableOid">The table.</param>
/// <param name="Schema">Schema of table and index.</param>
/// <param name="Name">The index's name, unquoted.</param>
/// <param name="KnownOids">Every index the table had then.</param>
internal sealed record BuildOrigin(long TableOid, string Schema, string Name, IReadOnlySet<long> KnownOids)
{
    /// <summary>What of the build is there: by table, descent and name. Null if nothing is.</summary>
    public IndexState? Find(IEnumerable<IndexState> now) => now.FirstOrDefault(index =>
        index.TableOid == TableOid && index.Schema == Schema && index.Name == Name && !KnownOids.Contains(index.Oid));
}

/// <summary>A build that an earlier run began and never brought to an end.</summary>
/// <param name="Action">What the history says of it.</param>
/// <param name="Origin">What was known before.</param>
internal sealed record InterruptedBuild(DbAction Action, BuildOrigin Origin);

/// <summary>
/// What a build leaves in the history before it begins, so that a later run finds what is left of it even if this process is killed:
/// an action in the state Planned, with the indexes that were there.
/// </summary>
internal static class InterruptedBuilds
{
    private const string TableOid = "TableOid";
    private const string KnownOids = "KnownIndexOids";

    /// <summary>What is recorded before the build begins.</summary>
    public static DbAction Intent(DbAction action, BuildOrigin origin) => action with
    {
        State = StepState.Planned,
        Message = "Begun. If the history says nothing later, it was interrupted.",
        Effect = Pending(action, origin),
    };

    /// <summary>What a later run needs to find what is left.</summary>
    public static Dictionary<string, object?> Pending(DbAction action, BuildOrigin origin)
    {
        var effect = action.Effect.ToDictionary();
        effect[InterruptedRebuilds.CleanUp] = InterruptedRebuilds.Pending;
        effect[TableOid] = origin.TableOid;
        effect[KnownOids] = string.Join(',', origin.KnownOids);
        return effect;
    }

    /// <summary>The builds of a database that may have left something. Pure.</summary>
    public static IReadOnlyList<InterruptedBuild> Find(PastActions past, string database) =>
    [
        .. past.Actions
            .Where(action => action.Kind == DbActionKind.CreateIndex && action.Database == database)
            .DistinctBy(action => (action.Schema, action.Name, action.StartedAt))
            .Where(action => action.Effect.TryGetValue(InterruptedRebuilds.CleanUp, out var state) && state is InterruptedRebuilds.Pending)
            .Select(action => Number(action.Effect.GetValueOrDefault(TableOid)) is { } table
                ? new InterruptedBuild(action, new BuildOrigin(
                    table,
                    action.Schema,
                    action.Name,
                    (action.Effect.GetValueOrDefault(KnownOids) as string ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number).OfType<long>().ToHashSet()))
                : null)
            .OfType<InterruptedBuild>(),
    ];

    /// <summary>What is to be recorded once nothing is left.</summary>
    public static DbAction Close(InterruptedBuild build)
    {
        var effect = build.Action.Effect.ToDictionary();
        effect[InterruptedRebuilds.CleanUp] = InterruptedRebuilds.Done;
        var action = build.Action with { Effect = effect };
        return action.State == StepState.Planned
            ? action with { State = StepState.Failed, Error = MaintenanceErrorCode.Cancelled, Message = "The run was interrupted while it built; nothing of it is left." }
            : action;
    }

    // The history gives numbers back as JSON has them.
    private static long? Number(object? value) =>
        long.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
