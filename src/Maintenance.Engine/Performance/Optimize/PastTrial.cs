using System.Collections;
using System.Globalization;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>An index that was built and judged before, or that nothing could be proved of, as the history has it.</summary>
/// <param name="Build">The build; skipped where it was not built.</param>
/// <param name="Helped">Whether it helped, and was kept.</param>
internal sealed record PastTrial(DbAction Build, bool Helped)
{
    private const string HelpedKey = "Helped";
    private const string StatementsKey = "Statements";
    private const string DependsKey = "DependsOnValues";

    /// <summary>What a person can do about an index whose use only the application's values decide.</summary>
    public const string ForAPerson = "Build it by hand where that does no harm, and look at the times of its statements before and after.";

    /// <summary>The table's size has changed so much that costs and times are others: by half.</summary>
    private const double ChangedBy = 1.5;

    /// <summary>So much of what it would save comes from statements that it was never tried with: then it is another question.</summary>
    private const double NewShare = 0.5;

    /// <summary>It was built. Otherwise it was left, since nothing could be proved of it.</summary>
    public bool IsBuilt => Build.State == StepState.Done;

    /// <summary>When it was judged.</summary>
    public DateTimeOffset At => Build.CollectedAt;

    /// <summary>Why it helps with some values and not with others, which a person has to decide about; null where the verdict is one.</summary>
    public string? DependsOnValues => Build.Effect.GetValueOrDefault(DependsKey) as string;

    /// <summary>Whether statements were executed for it, rather than planned alone.</summary>
    public bool IsMeasured => Number(Build.Effect.GetValueOrDefault("MillisecondsAfter")) is not null;

    /// <summary>What the server had counted of each statement when it was judged.</summary>
    public IReadOnlyDictionary<long, StatementCounter> Statements => Build.Effect.GetValueOrDefault(StatementsKey) is IDictionary known
        ? known.Keys.Cast<object>().Select(key => (Key: Convert.ToString(key, CultureInfo.InvariantCulture)!, Value: known[key] as IList))
            .Where(pair => pair.Value is { Count: 2 })
            .ToDictionary(pair => long.Parse(pair.Key, CultureInfo.InvariantCulture), pair => new StatementCounter(Number(pair.Value![0]) ?? 0, Number(pair.Value[1]) ?? 0))
        : new Dictionary<long, StatementCounter>();

    /// <summary>What the history keeps of a verdict.</summary>
    public static IEnumerable<(string Key, object? Value)> EffectOf(bool helped, IEnumerable<long> statements, IReadOnlyDictionary<long, StatementCounter> counters, string? dependsOnValues = null) =>
    [
        (HelpedKey, helped),
        (DependsKey, dependsOnValues),
        (StatementsKey, statements.Distinct().ToDictionary(
            id => id.ToString(CultureInfo.InvariantCulture),
            id => (object?)(counters.GetValueOrDefault(id) is { } counter ? new List<object?> { counter.Calls, Math.Round(counter.Milliseconds, 3) } : new List<object?> { 0.0, 0.0 }))),
    ];

    /// <summary>The verdicts on a database's indexes, of each index the newest. Pure.</summary>
    public static IReadOnlyList<PastTrial> Find(PastActions past, string database) =>
    [
        .. past.Actions
            .Where(action => action.Kind == DbActionKind.CreateIndex && action.Database == database && IsJudged(action))
            .DistinctBy(action => (action.Schema, Definition(action.Sql)))
            .Select(action => new PastTrial(action, action.Effect[HelpedKey] is true)),
    ];

    // A verdict without a figure is none: nothing could be planned with it.
    private static bool IsJudged(DbAction action) => action.Effect.GetValueOrDefault(HelpedKey) is bool helped && action.State switch
    {
        StepState.Done => helped || Number(action.Effect.GetValueOrDefault("CostGainPercent")) is not null,
        StepState.Skipped => !helped && action.Effect.GetValueOrDefault(DependsKey) is string,
        _ => false,
    };

    /// <summary>Whether it is this index, whatever it was called.</summary>
    public bool IsOf(MissingIndex index) => Build.Schema == index.Schema && Definition(Build.Sql) == Definition(index.CreateSql);

    /// <summary>Whether two are the same index, whatever they are called.</summary>
    public static bool IsSame(MissingIndex one, MissingIndex other) => one.TableOid == other.TableOid && Definition(one.CreateSql) == Definition(other.CreateSql);

    /// <summary>Why it may be tried once more although it did not help; null if nothing of weight has changed.</summary>
    public string? Changed(MissingIndex index)
    {
        if (Number(Build.Effect.GetValueOrDefault("TableBytes")) is { } then and > 0 && Math.Max(index.TableBytes / then, then / Math.Max(1, index.TableBytes)) >= ChangedBy)
        {
            return Say.Text($"the table had {Say.Size((long)then)} then and has {Say.Size(index.TableBytes)} now");
        }

        var tried = Statements;
        var (all, other) = (0.0, 0.0);
        foreach (var benefit in index.Benefits)
        {
            var saved = benefit.Statement.TotalMilliseconds * (1 - benefit.CostAfter / Math.Max(benefit.CostBefore, 1e-9));
            all += saved;
            other += benefit.Statement.QueryId is { } id && tried.ContainsKey(id) ? 0 : saved;
        }

        return all > 0 && other >= NewShare * all ? "it is for other statements now than those that it was tried with" : null;
    }

    /// <summary>When it was tried, and what came of it.</summary>
    public override string ToString() => !IsBuilt ? Say.Text($"Looked at on {At.UtcDateTime:yyyy-MM-dd} and not built. {DependsOnValues}")
        : DependsOnValues is { } depends ? Say.Text($"Tried on {At.UtcDateTime:yyyy-MM-dd} and dropped. {depends}")
        : Say.Text(
        $"Tried on {At.UtcDateTime:yyyy-MM-dd} and dropped: did not help ({FromTo("cost", "CostBefore", "CostAfter", "")}, {FromTo("time", "MillisecondsBefore", "MillisecondsAfter", " ms")}).");

    private string FromTo(string what, string before, string after, string unit) =>
        Number(Build.Effect.GetValueOrDefault(before)) is { } from && Number(Build.Effect.GetValueOrDefault(after)) is { } to
            ? Say.Text($"{what} {from:0.##}{unit} → {to:0.##}{unit}")
            : $"{what} not measured";

    // What follows the name: that differs where another index has got it since.
    private static string Definition(string sql) => sql.IndexOf(" ON ", StringComparison.Ordinal) is var on and >= 0 ? sql[on..].TrimEnd(';') : sql;

    // The history gives numbers back as JSON has them.
    private static double? Number(object? value) =>
        double.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
