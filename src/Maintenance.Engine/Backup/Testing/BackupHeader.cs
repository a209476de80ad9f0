namespace Maintenance.Engine.Backup.Testing;

/// <summary>What the first bytes of a backup show. Pure.</summary>
internal static class BackupHeader
{
    /// <summary>How many bytes are needed: those of a tar archive's first header, and what may stand before SQL text.</summary>
    public const int Length = 4096;

    /// <summary>Which format it is; Unknown if none that is known.</summary>
    /// <param name="bytes">The first bytes.</param>
    public static BackupKind FormatOf(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PGDMP"u8) ? BackupKind.Custom : BackupKind.Unknown;
}
