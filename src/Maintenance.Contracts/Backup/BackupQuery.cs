namespace Maintenance;

/// <summary>Which backups to list.</summary>
public sealed record BackupQuery
{
    /// <summary>Only those taken at this time or later; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only so many, the newest first; null for all, in the order of the store.</summary>
    public int? Newest { get; init; }
}
