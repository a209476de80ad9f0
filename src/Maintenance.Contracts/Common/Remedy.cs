namespace Maintenance;

/// <summary>An action that would remove the cause of a finding.</summary>
public sealed record Remedy
{
    /// <summary>Stable identifier of the kind of action, for example <c>DropInvalidIndex</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The exact command or SQL that would run.</summary>
    public required string Command { get; init; }

    /// <summary>What undoes it, or null if nothing does.</summary>
    public string? Rollback { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Command;
}
