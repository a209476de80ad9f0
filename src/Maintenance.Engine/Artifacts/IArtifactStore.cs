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

    /// <summary>Puts an artefact into the store, whole or not at all.</summary>
    /// <returns>False if there is one of this name and it was not to be replaced.</returns>
    Task<bool> PutAsync(string name, Stream content, string contentType, IReadOnlyDictionary<string, string> metadata, bool replace, CancellationToken cancellationToken);

    /// <summary>Reads an artefact.</summary>
    Task<Stream> OpenAsync(string name, CancellationToken cancellationToken);
}
