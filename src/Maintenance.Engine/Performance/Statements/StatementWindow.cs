namespace Maintenance.Engine.Performance.Statements;

/// <summary>What statements did in a time.</summary>
internal sealed record StatementWindow
{
    /// <summary>When what is known begins.</summary>
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    /// <summary>The stretches of it, oldest first.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<StatementKey, StatementCounts>> Stretches { get; init; }

    /// <summary>When each of them began.</summary>
    public required IReadOnlyList<DateTimeOffset> Starts { get; init; }

    /// <summary>Whether each of them was made up: see <see cref="Samples.MadeUp"/>. Those that are not told were measured.</summary>
    public IReadOnlyList<bool> MadeUp { get; init; } = [];

    /// <summary>What statements did that are not told one by one.</summary>
    public StatementCounts Others { get; init; }

    /// <summary>Why this is not just what happened in the window that was asked for; null if it is.</summary>
    public string? Incomplete { get; init; }

    public StatementTexts Known { get; init; } = StatementTexts.None;

    /// <summary>Whether a part of a statement's figures was made up.</summary>
    public bool IsMadeUp(StatementKey key) => Stretches.Zip(MadeUp).Any(stretch => stretch.Second && stretch.First.ContainsKey(key));
}
