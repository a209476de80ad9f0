using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Statements that nobody could look at: where nothing was found among the others, nothing is known of these. Pure.</summary>
/// <param name="Hidden">How many of other roles are hidden from the connected one.</param>
/// <param name="UnplannedMilliseconds">Time of those that could not be planned.</param>
/// <param name="TotalMilliseconds">Time of all.</param>
/// <param name="IsEmpty">No statement that has to do with a table was counted.</param>
internal sealed record Unseen(long Hidden, double UnplannedMilliseconds, double TotalMilliseconds, bool IsEmpty = false)
{
    /// <summary>Why it is not known which statements take long; null if it is.</summary>
    public string? OfSlow => Hidden == 1 && IsEmpty ? "since its last reset pg_stat_statements has seen no statement that reads or writes a table of this database but, maybe, one of another role that is hidden from this one; the reset itself is such a statement"
        : Hidden > 0 ? Say.Text($"{Say.Count(Hidden, "statement of another role is", "statements of other roles are")} hidden from this role")
        : IsEmpty ? "nothing was counted yet: since its last reset pg_stat_statements has seen no statement that reads or writes a table of this database"
        : null;

    /// <summary>Why it is not known what would help; null if it is. What could not be planned counts once help for it would be worth a person's time.</summary>
    public string? OfHelp => string.Join(", and ", new[] { OfSlow, OfPlans }.OfType<string>()) is { Length: > 0 } why ? why : null;

    private string? OfPlans => TotalMilliseconds > 0 && 100 * UnplannedMilliseconds / TotalMilliseconds is >= IndexRecommendation.Medium and var percent
        ? Say.Text($"statements that took {Math.Min(100, percent):0.#} % of the time could not be planned")
        : null;
}
