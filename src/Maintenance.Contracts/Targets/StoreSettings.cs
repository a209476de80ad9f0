namespace Maintenance;

/// <summary>A place for files: a folder, or a container of Azure Blob Storage.</summary>
public sealed record StoreSettings
{
    /// <summary>The folder; null for a blob container.</summary>
    public string? Path { get; init; }

    /// <summary>Name of the storage account, for <c>https://NAME.blob.core.windows.net</c>.</summary>
    public string? AccountName { get; init; }

    /// <summary>Address of the blob service, where it is not the usual one of the account.</summary>
    public Uri? ServiceUri { get; init; }

    /// <summary>Name of the container.</summary>
    public string? Container { get; init; }

    /// <summary>Only names that begin so belong to the store. Default: all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where a storage connection string is.</summary>
    public SecretReference? ConnectionString { get; init; }

    /// <summary>Where the account key is.</summary>
    public SecretReference? AccountKey { get; init; }

    /// <summary>Where a shared access signature is.</summary>
    public SecretReference? SasToken { get; init; }

    /// <summary>How old the newest backup in it may be (the recovery point objective). Default 24 h.</summary>
    public TimeSpan? MaximumAge { get; init; }

    /// <summary>True for a folder.</summary>
    public bool IsFolder => Path is not null;

    /// <summary>The place, without secrets.</summary>
    public override string ToString() =>
        Path is not null ? Path : $"{ServiceUri?.GetLeftPart(UriPartial.Path) ?? AccountName ?? "azure"}/{Container}/{Prefix}".TrimEnd('/');
}
