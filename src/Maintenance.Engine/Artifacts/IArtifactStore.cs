namespace Maintenance.Engine.Artifacts;

/// <summary>A place that artefacts are put into. Its errors come out as the store's own exceptions.</summary>
internal interface IArtifactStore
{
    /// <summary>Where it is, without secrets.</summary>
    string Place { get; }

    /// <summary>Where an artefact of it is, without secrets.</summary>
    string LocationOf(string name);

    /// <summary>Whether there is one of this name.</summary>
    Task<bool> ExistsAsync(string name, CancellationToken cancellationToken);

    /// <summary>Whether one is kept with this value of its metadata; false where there is none, or nothing is kept with it.</summary>
    Task<bool> HasAsync(string name, string key, string value, CancellationToken cancellationToken);

    /// <summary>Puts an artefact into the store, whole or not at all.</summary>
    /// <returns>False if there is one of this name and it was not to be replaced.</returns>
    Task<bool> PutAsync(string name, Stream content, string contentType, IReadOnlyDictionary<string, string> metadata, bool replace, CancellationToken cancellationToken);

    /// <summary>Reads an artefact.</summary>
    Task<Stream> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>What keeps artefacts in it from being changed and deleted.</summary>
    Task<ArtifactProtection> ProtectionAsync(CancellationToken cancellationToken);

    /// <summary>Keeps an artefact from being changed and deleted until a time, where <see cref="ProtectionAsync"/> said that it can.</summary>
    Task ProtectAsync(string name, DateTimeOffset until, CancellationToken cancellationToken);
}

/// <summary>How a store keeps artefacts from being changed.</summary>
/// <param name="Kind">How.</param>
/// <param name="Message">The same, as a sentence.</param>
internal sealed record ArtifactProtection(ArtifactProtectionKind Kind, string Message);

/// <summary>How a store keeps artefacts from being changed.</summary>
internal enum ArtifactProtectionKind
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Each can be kept until a time of its own.</summary>
    EachUntil,

    /// <summary>All are kept by a rule of the store.</summary>
    Always,

    /// <summary>That could not be asked.</summary>
    Unknown,
}
