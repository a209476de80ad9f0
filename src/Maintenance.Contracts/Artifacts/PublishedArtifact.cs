namespace Maintenance;

/// <summary>What happens where an artefact of the same name exists.</summary>
public enum ArtifactConflict
{
    /// <summary>It is an error, and the old one stays.</summary>
    Fail = 0,

    /// <summary>The new one takes its place.</summary>
    Overwrite,

    /// <summary>Both stay: the new one gets a number, as in <c>name.2.log</c>.</summary>
    KeepBoth,

    /// <summary>The old one stays, and nothing is sent.</summary>
    Skip,
}

/// <summary>What became of an artefact.</summary>
public enum ArtifactState
{
    /// <summary>It is in the store.</summary>
    Published = 0,

    /// <summary>It is in the store, in the place of another.</summary>
    Replaced,

    /// <summary>It is in the store beside another, under a name with a number, or with its target's name where the other is not of the target.</summary>
    KeptBoth,

    /// <summary>Another of its name was there, and stays.</summary>
    Skipped,
}

/// <summary>A file in a target's artefact store.</summary>
public sealed record PublishedArtifact
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Its name in the store.</summary>
    public required string Name { get; init; }

    /// <summary>What became of it.</summary>
    public required ArtifactState State { get; init; }

    /// <summary>The store, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>Where it is: an address or a path, without secrets.</summary>
    public required string Location { get; init; }

    /// <summary>Its kind, such as <c>text/plain</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 of its content, in hexadecimal; the store was read back and holds the same. Null where nothing was sent.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What else is kept with it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, string>());

    /// <summary>When it was published (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Location;
}

/// <summary>How an artefact is published.</summary>
public sealed record ArtifactOptions
{
    /// <summary>Its name in the store: parts divided by slashes.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind; null to tell it by the name's extension.</summary>
    public string? ContentType { get; init; }

    /// <summary>What to keep with it. Names as in C#, values of any text.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, string>());

    /// <summary>What happens where one of its name exists. Default: it is an error.</summary>
    public ArtifactConflict Conflict { get; init; }

    /// <summary>Another container than the store's; below a folder store, a folder. Null for the store's own.</summary>
    public string? Container { get; init; }
}
