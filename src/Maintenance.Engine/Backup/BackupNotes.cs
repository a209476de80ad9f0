using System.Globalization;

namespace Maintenance.Engine.Backup;

/// <summary>What was noted when a backup was made, at the blob or beside it. Whoever may write to the store may write that too.</summary>
internal sealed record BackupNotes
{
    /// <summary>The database.</summary>
    public string? Database { get; init; }

    /// <summary>The moment whose state it holds (UTC).</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>Its size in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>SHA-256 of its content in hexadecimal digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its format.</summary>
    public BackupKind Kind { get; init; }

    /// <summary>What a manifest says.</summary>
    public static BackupNotes Of(BackupManifest manifest) => new()
    {
        Database = manifest.Database,
        TakenAt = manifest.TakenAt,
        SizeBytes = manifest.SizeBytes,
        Sha256 = manifest.Sha256,
        Kind = manifest.Kind,
    };

    /// <summary>What the metadata of a blob say; what cannot be meant is left out. Null if they say nothing.</summary>
    /// <param name="metadata">The metadata. Their names differ in case from service to service.</param>
    /// <param name="isWhole">True if the blob is the backup; false if it is one file of it, whose size and hash tell nothing of the rest.</param>
    public static BackupNotes? Of(IReadOnlyDictionary<string, string>? metadata, bool isWhole)
    {
        if (metadata is null)
        {
            return null;
        }

        var notes = new BackupNotes();
        foreach (var (name, value) in metadata)
        {
            notes = name.ToUpperInvariant() switch
            {
                "DATABASE" when value.Length is > 0 and <= 1024 => notes with { Database = Uri.UnescapeDataString(value) },
                "TAKENAT" when DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) => notes with { TakenAt = time },
                "SIZEBYTES" when isWhole && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) => notes with { SizeBytes = size },
                "SHA256" when isWhole && value.Length == 64 && value.All(char.IsAsciiHexDigit) => notes with { Sha256 = value.ToLowerInvariant() },
                _ => notes,
            };
        }

        return notes == new BackupNotes() ? null : notes;
    }

    /// <summary>A backup with what was noted about it: that wins over its name.</summary>
    /// <param name="backup">The backup, as its name and the store tell it.</param>
    public DatabaseBackup Apply(DatabaseBackup backup)
    {
        // A time after it was received cannot be right, and must not make it look younger.
        var believable = TakenAt is { } time && time <= backup.LastModified + BackupTime.ClockSkew;
        return backup with
        {
            Database = Database ?? backup.Database,
            Kind = backup.Kind == BackupKind.Unknown ? Kind : backup.Kind,
            TakenAt = believable ? TakenAt!.Value : backup.TakenAt,
            TakenAtFromName = !believable && backup.TakenAtFromName,
            Sha256 = Sha256 ?? backup.Sha256,
            Completeness = (backup.Completeness, SizeBytes) switch
            {
                (BackupCompleteness.Unknown, { } size) => size == backup.SizeBytes ? BackupCompleteness.Complete : BackupCompleteness.Partial,
                var (known, _) => known,
            },
        };
    }
}
