namespace Maintenance.Engine.Performance.Statements;

/// <summary>Which statements a sample keeps one by one. Pure.</summary>
internal static class StatementRanking
{
    /// <summary>So many are kept, whatever they take; all slow ones besides.</summary>
    public const int Kept = 200;

    /// <summary>Of so many the text is kept too, and of all slow ones. Those at the end of the others change each time, and the server reads all texts for one.</summary>
    public const int Told = 50;

    /// <summary>Those that took the most time, and all that were slow on average.</summary>
    public static Dictionary<StatementKey, StatementCounts> Top(IReadOnlyDictionary<StatementKey, StatementCounts> counts, TimeSpan slow, int kept = Kept)
    {
        var ranked = counts.OrderByDescending(pair => pair.Value.Time).ToList();
        return ranked.Where((pair, rank) => rank < kept || pair.Value.Mean > slow.TotalMilliseconds).ToDictionary();
    }

    /// <summary>Those, and the sums of all others and of the others of one database.</summary>
    public static (Dictionary<StatementKey, StatementCounts> Top, StatementCounts Others, StatementCounts OthersHere) Split(
        IReadOnlyDictionary<StatementKey, StatementCounts> counts, TimeSpan slow, long? database)
    {
        var top = Top(counts, slow);
        var others = counts.Where(pair => !top.ContainsKey(pair.Key)).ToList();
        return (top, Sum(others), Sum(others.Where(pair => database is null || pair.Key.DatabaseId == database)));

        static StatementCounts Sum(IEnumerable<KeyValuePair<StatementKey, StatementCounts>> some) => some.Aggregate(default(StatementCounts), (sum, pair) => sum + pair.Value);
    }
}
