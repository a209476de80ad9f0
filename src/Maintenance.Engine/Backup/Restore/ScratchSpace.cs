using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Whether there is room for a restore, before anything is written.</summary>
internal static class ScratchSpace
{
    /// <summary>pg_dump's archives hold no indexes, and compress rows to a fourth and less.</summary>
    private const int Archived = 6;

    /// <summary>SQL text holds no indexes.</summary>
    private const int Plain = 2;

    /// <summary>What a server needs for itself, and its write-ahead log while rows come in.</summary>
    private const long Overhead = 256L << 20;

    /// <summary>How much a restore needs.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="kind">Its format.</param>
    /// <param name="databaseBytes">Size of the database it is of; null if nobody noted it.</param>
    /// <param name="isCopied">True if the backup is copied into the scratch folder too.</param>
    /// <param name="isServerHere">False where the rows go to a server somewhere else.</param>
    public static (long Bytes, bool IsEstimate) Needed(DatabaseBackup backup, BackupKind kind, long? databaseBytes, bool isCopied, bool isServerHere)
    {
        var copy = isCopied ? backup.SizeBytes : 0;
        if (!isServerHere)
        {
            return (copy, false);
        }

        var rows = databaseBytes ?? backup.SizeBytes * (kind == BackupKind.Plain ? Plain : Archived);
        // A manifest may claim anything: the sum must not run over.
        return (Math.Min(rows, long.MaxValue / 2) + Math.Min(copy, long.MaxValue / 4) + Overhead, databaseBytes is null);
    }

    /// <summary>What ends the test where there is not room enough; null where there is, as far as can be told.</summary>
    public static BackupFaultException? FindLack(TestWork work, string folder, bool isCopied, bool isServerHere)
    {
        var (needed, isEstimate) = Needed(work.Backup, work.Format, work.Manifest?.DatabaseSizeBytes, isCopied, isServerHere);
        return FreeOf(folder) is { } free && free < needed
            ? NoSpace(work, $"The restore needs {(isEstimate ? "an estimated " : "")}{Text(needed)}, and {folder} has {Text(free)} free.")
            : null;
    }

    /// <summary>The end of a test for want of space.</summary>
    public static BackupFaultException NoSpace(TestWork work, string message) => new(
        "Space",
        work.Options.Level,
        BackupFault.NoSpace,
        message + " That says nothing about the backup.",
        "Name a folder with more room with -ScratchPath (recovery.scratchPath in maintenance.json), or a server with -ScratchTarget.");

    /// <summary>Whether an exception says that a disk is full.</summary>
    public static bool IsFullDisk(Exception exception) =>
        exception.Message.Contains("No space left on device", StringComparison.Ordinal)
        || exception is MaintenanceException { Detail: Npgsql.PostgresErrorCodes.DiskFull }
        || (exception is IOException { HResult: 28 or unchecked((int)0x80070070) or unchecked((int)0x80070027) });

    internal static long? FreeOf(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Making the folder tells what is wrong with it.
            return null;
        }
    }

    private static string Text(long bytes)
    {
        string[] units = ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
        var unit = 0;
        double value = bytes;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return FormattableString.Invariant($"{value:0.#} {units[unit]}");
    }
}
