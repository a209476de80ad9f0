namespace Maintenance;

/// <summary>The rules of a target, and how people are told.</summary>
public sealed record AlertPolicy
{
    /// <summary>Rules beside those that are built in, or changes to them by their names.</summary>
    public IReadOnlyList<AlertRuleSettings> Rules { get; init => field = Readable.Copy(value); } = Readable.List<AlertRuleSettings>.Empty;

    /// <summary>How long after people were told of what still fires they are told again. Default 4 h; zero for never.</summary>
    public TimeSpan Repeat { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long after people were told first what is critical and still fires goes to the second channel. Default 1 h; zero for never.</summary>
    public TimeSpan EscalateAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The second channel: what is escalated is told there as well, and there too when it is over. Default Emergency. Where the rule's own channel is
    /// this one, Default is the second.
    /// </summary>
    public string EscalationChannel { get; init; } = "Emergency";

    /// <summary>How old a value may be to say anything about now; an older one is unknown. Default 1 h; zero for any age.</summary>
    public TimeSpan MaximumAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The time of day (UTC) from which on one message a day tells of all that is not well. Null for none.</summary>
    public TimeOnly? Digest { get; init; }

    /// <summary>How long after one another runs of a task are expected at the most, by the task's name. What is late is a finding.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Expected { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, TimeSpan>());
}
