namespace Maintenance;

/// <summary>What may go wrong when a remedy is carried out.</summary>
public enum RemedyRisk
{
    /// <summary>Nothing that anybody would notice.</summary>
    Low = 0,

    /// <summary>Load, or work of somebody that is ended and begins anew.</summary>
    Medium,

    /// <summary>What is running is replaced, or cannot be had back.</summary>
    High,
}

/// <summary>An action that would remove the cause of a finding.</summary>
public sealed record Remedy
{
    /// <summary>Stable identifier of the kind of action, for example <c>DropInvalidIndex</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The exact command or SQL that would run.</summary>
    public required string Command { get; init; }

    /// <summary>What undoes it, or null if nothing does.</summary>
    public string? Rollback { get; init; }

    /// <summary>What may go wrong. Default: High, for one that says nothing.</summary>
    public RemedyRisk Risk { get; init; } = RemedyRisk.High;

    /// <summary>What the action is about, by name: what it is carried out with, since a text is never run as it stands.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, string>());

    /// <summary>Whether something undoes it.</summary>
    public bool IsReversible => Rollback is not null;

    /// <inheritdoc/>
    public override string ToString() => Command;
}
