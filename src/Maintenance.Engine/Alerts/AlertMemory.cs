namespace Maintenance.Engine.Alerts;

/// <summary>What people were told last about an alert.</summary>
internal enum AlertTold
{
    Nothing = 0,
    Firing,
    NoData,
    Flapping,
}

/// <summary>Which alert it is: one rule of a target, for one series of its metric.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Series">The metric's labels as one text.</param>
internal sealed record AlertKey(string Rule, string Series)
{
    /// <summary>Names of rules are compared as PowerShell compares them, labels as they are.</summary>
    public bool Equals(AlertKey? other) =>
        other is not null && StringComparer.OrdinalIgnoreCase.Equals(Rule, other.Rule) && StringComparer.Ordinal.Equals(Series, other.Series);

    public override int GetHashCode() => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(Rule), Series);
}

/// <summary>What people knew before a message, should that be refused; and the message that they knew that by.</summary>
/// <param name="Told">What they were told.</param>
/// <param name="ToldAt">When they were told last.</param>
/// <param name="FirstToldAt">When they were first told of what still goes on.</param>
/// <param name="EscalatedAt">When it went to the second channel.</param>
/// <param name="ToldIn">The message; null where it was none of the outbox.</param>
/// <param name="Before">What they knew before that.</param>
/// <param name="ToldCauses">Which causes they knew of.</param>
internal sealed record AlertKnown(AlertTold Told, DateTimeOffset? ToldAt, DateTimeOffset? FirstToldAt, DateTimeOffset? EscalatedAt, Guid? ToldIn, AlertKnown? Before, string? ToldCauses = null);

/// <summary>What is remembered of an alert from one evaluation to the next: where it stands, and what people know.</summary>
internal sealed record AlertMemory
{
    /// <summary>So many messages in a row may wait and then be refused.</summary>
    private const int MostBefore = 4;

    public required AlertKey Key { get; init; }

    /// <summary>Counts its changes in the history, so that of two who change it at once only one succeeds. 0 for one that is not kept yet.</summary>
    public long Version { get; init; }

    public AlertState State { get; init; }

    /// <summary>Since when it stands so.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How many bad values in a row have been seen.</summary>
    public int BadSamples { get; init; }

    /// <summary>Since when there is no data; null while there is.</summary>
    public DateTimeOffset? NoDataSince { get; init; }

    /// <summary>The time of the newest value that was seen: the same one does not count twice.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>That value; null where a bound decided.</summary>
    public double? Value { get; init; }

    /// <summary>Number of changes between firing and not, halved every half-life, as of the last one.</summary>
    public double FlapScore { get; init; }

    /// <summary>When the last one was.</summary>
    public DateTimeOffset? FlapAt { get; init; }

    public bool IsFlapping { get; init; }

    /// <summary>What people were told last.</summary>
    public AlertTold Told { get; init; }

    /// <summary>When they were told last.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>When they were first told of what still goes on.</summary>
    public DateTimeOffset? FirstToldAt { get; init; }

    /// <summary>When it went to the second channel.</summary>
    public DateTimeOffset? EscalatedAt { get; init; }

    /// <summary>What makes it so, as of the last value; null where nobody knows.</summary>
    public string? Causes { get; init; }

    /// <summary>Which of these people know of, while they know that it fires.</summary>
    public string? ToldCauses { get; init; }

    /// <summary>The message of the outbox that they were told by.</summary>
    public Guid? ToldIn { get; init; }

    /// <summary>What they knew before it.</summary>
    public AlertKnown? Before { get; init; }

    /// <summary>The rule as it was, while there is anything to tell of it: what fires is ended by whoever finds the rule gone. Null otherwise.</summary>
    public string? Definition { get; init; }

    /// <summary>True if the rule was given with a call, and stands in no configuration.</summary>
    public bool IsGiven { get; init; }

    /// <summary>True if it ended because nothing watches it any more.</summary>
    public bool IsUnwatched { get; init; }

    /// <summary>The messages that people know it by, the last one first; none where one of them was no message of the outbox.</summary>
    public IReadOnlyList<Guid> ToldBy
    {
        get
        {
            var by = new List<Guid>();
            for (var known = Known(MostBefore); known is { Told: not AlertTold.Nothing }; known = known.Before)
            {
                if (known.ToldIn is not { } message)
                {
                    return [];
                }

                by.Add(message);
            }

            return by;
        }
    }

    /// <summary>What it is once a message tells of it.</summary>
    public AlertMemory By(Guid message, AlertMemory before) => this with { ToldIn = message, Before = before.Known(MostBefore) };

    /// <summary>What it is where messages were refused: nobody was told by them.</summary>
    public AlertMemory Without(IReadOnlySet<Guid> refused)
    {
        var memory = this;
        while (memory is { ToldIn: { } message, Before: { } known } && refused.Contains(message))
        {
            memory = memory.Back(known);
        }

        return memory;
    }

    /// <summary>What it is where people know no more than they did.</summary>
    public AlertMemory Back(AlertMemory before) => Back(before.Known(MostBefore));

    private AlertMemory Back(AlertKnown known) => this with
    {
        Told = known.Told,
        ToldAt = known.ToldAt,
        FirstToldAt = known.FirstToldAt,
        EscalatedAt = known.EscalatedAt,
        ToldIn = known.ToldIn,
        Before = known.Before,
        ToldCauses = known.ToldCauses,
    };

    private AlertKnown Known(int most) => new(Told, ToldAt, FirstToldAt, EscalatedAt, ToldIn, Trimmed(Before, most - 1), ToldCauses);

    private static AlertKnown? Trimmed(AlertKnown? known, int most) => known is null || most <= 0 ? null : known with { Before = Trimmed(known.Before, most - 1) };
}
