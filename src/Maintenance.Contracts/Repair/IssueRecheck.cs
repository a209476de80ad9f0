namespace Maintenance;

/// <summary>What looking again at one finding came to.</summary>
public sealed record IssueRecheck
{
    /// <summary>Whether the issue is still there; null if that could not be measured.</summary>
    public required bool? IsThere { get; init; }

    /// <summary>The finding as it is now: the same issue, what was measured instead of it, or why nothing was. Null where nothing looks for such a finding.</summary>
    public Finding? Finding { get; init; }

    /// <summary>One sentence: the figure that shows it, or why it is not known.</summary>
    public required string Message { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
