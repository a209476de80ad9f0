namespace Maintenance;

/// <summary>Which backups to list.</summary>
public sealed record BackupQuery
{
    /// <summary>Only those taken at this time or later; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only so many, the newest first; null for all, in the order of the store.</summary>
    public int? Newest { get; init; }

    /// <summary>Only of these databases; empty for all.</summary>
    public IReadOnlyList<string> Databases { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Only of these kinds; empty for all.</summary>
    public IReadOnlyList<BackupKind> Kinds { get; init => field = Readable.Copy(value); } = Readable.List<BackupKind>.Empty;

    /// <summary>How backups are named, as <see cref="BackupSettings.NamePattern"/>; null for what the target says.</summary>
    public string? NamePattern { get; init; }
}
