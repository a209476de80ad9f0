using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>What was done to the objects of a database before, and what can be said from it. Pure.</summary>
/// <param name="Actions">Actions, newest first.</param>
internal sealed record PastActions(IReadOnlyList<DbAction> Actions)
{
    /// <summary>So many earlier runs are enough for a prediction.</summary>
    private const int Enough = 5;

    /// <summary>Much smaller objects say nothing about large ones: what they took was mostly the statement itself.</summary>
    private const int Comparable = 10;

    // Plans ask for thousands of objects, so nothing is looked for from end to end.
    private readonly Lazy<ILookup<(DbActionKind, string, long), DbAction>> _byOid =
        new(() => Actions.ToLookup(action => (action.Kind, action.Database, action.Oid)));

    private readonly Lazy<ILookup<(DbActionKind, string, string, string), DbAction>> _byName =
        new(() => Actions.ToLookup(action => (action.Kind, action.Database, action.Schema, action.Name)));

    private readonly Lazy<ILookup<(DbActionKind, string), DbAction>> _byKind = new(() => Actions.ToLookup(action => (action.Kind, action.Database)));

    public static PastActions None { get; } = new([]);

    /// <summary>The newest action on an object, by its identity and, where it was made anew since, by its name.</summary>
    public DbAction? Newest(DbActionKind kind, IDbObject item) => Of(kind, item).FirstOrDefault();

    /// <summary>The newest action on an object that reached its end.</summary>
    public DbAction? NewestDone(DbActionKind kind, IDbObject item) => Of(kind, item).FirstOrDefault(action => action.State == StepState.Done);

    /// <summary>What was put off and has not been done since, in the order in which it was put off.</summary>
    /// <param name="database">The database.</param>
    /// <param name="kind">The kind of action.</param>
    public IReadOnlyList<DbAction> Deferred(string database, DbActionKind kind) =>
    [
        .. Actions
            .Where(action => action.Database == database && action.Kind == kind)
            .DistinctBy(action => (action.Schema, action.Name))
            .Where(action => action.State == StepState.Deferred)
            .Reverse(),
    ];

    /// <summary>How long an action will take: by its own past, else by that of others, else by its size.</summary>
    /// <param name="kind">The kind of action.</param>
    /// <param name="item">The object.</param>
    /// <param name="bytes">Its size now, in bytes.</param>
    /// <param name="assumedBytesPerSecond">What to assume where there is no past.</param>
    /// <param name="isComparable">Whether an earlier run had about as much to do; null if all have, as where the size alone decides.</param>
    /// <returns>The duration, and where it comes from.</returns>
    public (TimeSpan Duration, string From) Predict(DbActionKind kind, IDbObject item, long bytes, double assumedBytesPerSecond, Func<DbAction, bool>? isComparable = null)
    {
        var all = Of(kind, item).ToList();
        var own = Rates(all.Where(IsComparable)).Take(Enough).ToList();
        if (own.Count > 0)
        {
            return (At(Median(own)), string.Create(CultureInfo.InvariantCulture, $"{own.Count} earlier run(s) on it"));
        }

        var others = Rates(_byKind.Value[(kind, item.Database)].Where(action => action.SizeBytes >= bytes / Comparable && IsComparable(action))).Take(4 * Enough).ToList();
        (TimeSpan Duration, string From) guess = others.Count >= Enough
            ? (At(Median(others)), string.Create(CultureInfo.InvariantCulture, $"{others.Count} earlier run(s) on other objects"))
            : (At(assumedBytesPerSecond), string.Create(CultureInfo.InvariantCulture, $"its size, at an assumed {assumedBytesPerSecond / 1048576:0} MB/s"));

        // What took so long with less to do will not take less with more.
        var lesser = Rates(all.Where(action => !IsComparable(action))).Take(Enough).ToList();
        return lesser.Count > 0 && At(Median(lesser)) is var least && least > guess.Duration
            ? (least, string.Create(CultureInfo.InvariantCulture, $"{lesser.Count} earlier run(s) on it with less to do"))
            : guess;

        bool IsComparable(DbAction action) => isComparable?.Invoke(action) != false;
        TimeSpan At(double rate) => TimeSpan.FromSeconds(Math.Max(0.01, bytes / rate));
    }

    private IEnumerable<DbAction> Of(DbActionKind kind, IDbObject item) =>
        _byOid.Value[(kind, item.Database, item.Oid)]
            .Union(_byName.Value[(kind, item.Database, item.Schema, item.Name)], ReferenceEqualityComparer.Instance)
            .Cast<DbAction>()
            .OrderByDescending(action => action.StartedAt);

    // What took no time to speak of says nothing about large objects.
    private static IEnumerable<double> Rates(IEnumerable<DbAction> actions) => actions
        .Where(action => action is { State: StepState.Done, SizeBytes: > 0, Duration.Ticks: > 0 })
        .Select(action => action.SizeBytes!.Value / action.Duration!.Value.TotalSeconds);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
