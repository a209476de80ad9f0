namespace Maintenance;

/// <summary>Which backups to list.</summary>
public sealed record BackupQuery
{
    /// <summary>Only those taken at this time or later; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only so many, the newest first; null for all, in the order of the store.</summary>
    public int? Newest { get; init; }

    /// <summary>Only of these databases; empty for all.</summary>
    public IReadOnlyList<string> Databases { get; init => field = value.ToArray(); } = [];

    /// <summary>Only of these kinds; empty for all.</summary>
    public IReadOnlyList<BackupKind> Kinds { get; init => field = value.ToArray(); } = [];

    /// <summary>How backups are named, as <see cref="BackupSettings.NamePattern"/>; null for what the target says.</summary>
    public string? NamePattern { get; init; }
}
