namespace Maintenance;

/// <summary>Where the logs of a rule lie.</summary>
public enum LogSource
{
    /// <summary>A folder, named by its path.</summary>
    Folder = 0,

    /// <summary>The target's artefact store: a container of Azure Blob Storage or a folder.</summary>
    Store,

    /// <summary>The logs that this module itself writes about runs on the target.</summary>
    OwnLogs,
}

/// <summary>A cheaper tier of Azure Blob Storage.</summary>
public enum LogTier
{
    /// <summary>Cheaper to keep than Hot, dearer to read.</summary>
    Cool = 0,

    /// <summary>Cheaper still, and dearer to read.</summary>
    Cold,

    /// <summary>The cheapest to keep; to read it again takes hours.</summary>
    Archive,
}

/// <summary>
/// What becomes of logs as they grow old. Ages count from the last write, which compressing does not change. A file is due where the
/// rule names a condition that it meets; what is not named does not happen.
/// </summary>
public sealed record LogRotationRule
{
    /// <summary>How long a file is left alone after a write, unless a rule says otherwise.</summary>
    public static readonly TimeSpan DefaultQuietTime = TimeSpan.FromMinutes(5);

    /// <summary>Where the logs lie. Default: in the folder that Path names.</summary>
    public LogSource Source { get; init; }

    /// <summary>The folder.</summary>
    public string? Path { get; init; }

    /// <summary>The folders below it too; never through a link. Default: only its own files. A store is always taken with everything below the prefix.</summary>
    public bool Recurse { get; init; }

    /// <summary>Another container than the artefact store's own; in a folder store, a folder.</summary>
    public string? Container { get; init; }

    /// <summary>Only names in the store that begin so. Default: all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Only these names, with <c>*</c> and <c>?</c>; a pattern with a slash is for the name with its folders. What was compressed of them is meant too; names that begin with a dot are only by patterns that do. Default: all.</summary>
    public IReadOnlyList<string> Include { get; init => field = Readable.Copy(value); } = Readable.Copy((IReadOnlyList<string>)["*"]);

    /// <summary>Files older than this are compressed with gzip; those of less than 1 kB are not worth it.</summary>
    public TimeSpan? CompressAfter { get; init; }

    /// <summary>Blobs older than this move to a cheaper tier.</summary>
    public TimeSpan? TierAfter { get; init; }

    /// <summary>The tier they move to. Default: Cool.</summary>
    public LogTier? Tier { get; init; }

    /// <summary>Files older than this are deleted.</summary>
    public TimeSpan? DeleteAfter { get; init; }

    /// <summary>The newest so many are never deleted. Without DeleteAfter and MaximumTotalSize, all others are.</summary>
    public int? Keep { get; init; }

    /// <summary>Above this size of all files together, in bytes, the oldest are deleted.</summary>
    public long? MaximumTotalSize { get; init; }

    /// <summary>How long a file is left alone after a write. Default: 5 minutes.</summary>
    public TimeSpan QuietTime { get; init; } = DefaultQuietTime;
}
