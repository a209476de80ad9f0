namespace Maintenance;

/// <summary>What a VACUUM run would do, in the order in which it would.</summary>
public sealed record VacuumPlan
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>Version of the server.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>
    /// What is planned; and what cannot be done, would be pointless or does not fit, with the reason. Tables that are not due appear
    /// only if they were asked for by name.
    /// </summary>
    public IReadOnlyList<DbAction> Actions { get; init => field = Readable.Copy(value); } = Readable.List<DbAction>.Empty;

    /// <summary>Tables that were looked at.</summary>
    public int TablesConsidered { get; init; }

    /// <summary>When the plan was made (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Actions.Count(action => action.State == StepState.Planned)} of {TablesConsidered} tables of {Database}";
}
