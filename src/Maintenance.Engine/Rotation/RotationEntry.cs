namespace Maintenance.Engine.Rotation;

/// <summary>One file of a store, with everything that decides on it.</summary>
/// <param name="Name">Its name in the store, folders divided by slashes.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Modified">The last write of its content, from which its age counts: compressing keeps it.</param>
internal sealed record RotationEntry(string Name, long SizeBytes, DateTimeOffset Modified)
{
    /// <summary>When the store was last written to under this name; the quiet time counts from here.</summary>
    public DateTimeOffset Written { get; init; } = Modified;

    /// <summary>The tier it is in; null for the usual one, and for a file.</summary>
    public LogTier? Tier { get; init; }

    /// <summary>Whether its kind can be compressed; its name says whether it is already.</summary>
    public bool CanCompress { get; init; } = true;

    /// <summary>Whether its kind has tiers.</summary>
    public bool CanTier { get; init; }

    /// <summary>Why it must stay exactly as it is; null if nothing is in the way.</summary>
    public string? Hold { get; init; }

    /// <summary>Until when it must not be deleted; null if nobody said so.</summary>
    public RetentionNote? Retention { get; init; }

    /// <summary>Something that a rotation which was interrupted left behind.</summary>
    public bool IsLeftover { get; init; }

    /// <summary>What tells this state of it from a later one, where the store gives such a thing.</summary>
    public string? Version { get; init; }

    /// <summary>Whether its name says that it is compressed.</summary>
    public bool IsCompressed => Path.GetExtension(Name).ToUpperInvariant() is ".GZ" or ".TGZ" or ".ZIP" or ".ZST" or ".XZ" or ".BZ2" or ".7Z" or ".BR" or ".LZ4";
}

/// <summary>What is to be done to a file.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Action">What is done.</param>
/// <param name="Reason">What made it due.</param>
internal sealed record RotationStep(RotationEntry Entry, LogRotationAction Action, string Reason)
{
    /// <summary>The tier it moves to.</summary>
    public LogTier? Tier { get; init; }

    /// <summary>Why it is left alone although it is due; null if it is not.</summary>
    public string? Refusal { get; init; }

    /// <summary>Due only as long as all files together are too large. The same file may be due for compressing before that.</summary>
    public bool IsForSize { get; init; }
}

/// <summary>What came of a step.</summary>
/// <param name="State">What became of it.</param>
/// <param name="Message">One sentence.</param>
internal sealed record RotationOutcome(StepState State, string Message)
{
    /// <summary>Size afterwards.</summary>
    public long? SizeAfter { get; init; }

    /// <summary>Name afterwards, where it is another.</summary>
    public string? NewName { get; init; }

    /// <summary>What went wrong.</summary>
    public MaintenanceException? Problem { get; init; }

    /// <summary>It was left alone.</summary>
    public static RotationOutcome Skipped(string message) => new(StepState.Skipped, message);

    /// <summary>It went wrong.</summary>
    public static RotationOutcome Failed(MaintenanceException problem) => new(StepState.Failed, problem.Message) { Problem = problem };
}

/// <summary>What a look into a store brought.</summary>
/// <param name="Entries">The files.</param>
/// <param name="Problems">What could not be looked at, by name.</param>
internal sealed record RotationListing(IReadOnlyList<RotationEntry> Entries, IReadOnlyList<(string Name, MaintenanceException Problem)> Problems);
