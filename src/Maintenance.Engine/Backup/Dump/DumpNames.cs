using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>How backups are called. Pure.</summary>
internal static class DumpNames
{
    // What a file system somewhere refuses, or takes for more than a name.
    private static readonly SearchValues<char> Refused = SearchValues.Create("\\:*?\"<>|");

    private const int LongestName = 900;
    private const int LongestSegment = 200;

    /// <summary>The ending that tells a format; none for a folder.</summary>
    public static string EndingOf(BackupKind kind) => kind switch
    {
        BackupKind.Custom => ".dump",
        BackupKind.Plain => ".sql",
        BackupKind.PlainCompressed => ".sql.gz",
        BackupKind.Directory => "",
        _ => throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, $"A backup cannot be made in the format {kind}.", "Use Custom, Directory, Plain or PlainCompressed."),
    };

    /// <summary>The name where none is given or configured. It sorts by time, and its second is enough to tell two apart.</summary>
    public static string Default(string database, BackupKind kind, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"{FileName(database)}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}{EndingOf(kind)}");

    /// <summary>
    /// A name of a database as a part of a file name: letters, digits, <c>_</c> and <c>-</c>. Where that is not what it is, a part of its
    /// hash tells it from others that would be written the same; its true name is in the manifest.
    /// </summary>
    public static string FileName(string database)
    {
        var safe = new StringBuilder();
        foreach (var rune in database.EnumerateRunes())
        {
            // Characters that decompose are written in two ways, which some file systems do not tell apart.
            var keeps = rune.IsAscii ? char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '_' or '-' : Rune.IsLetterOrDigit(rune) && rune.ToString().IsNormalized(NormalizationForm.FormD);
            safe.Append(keeps && !(safe.Length == 0 && rune.Value == '-') ? rune.ToString() : "_");
        }

        var text = safe.ToString();
        return text == database ? text : $"{text}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(database)))[..8]}";
    }

    /// <summary>Makes sure that a name is one of a file in the store, and that a listing takes it for a backup of this format.</summary>
    /// <param name="name">The name, below the store's prefix.</param>
    /// <param name="kind">The format.</param>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static void Check(string name, BackupKind kind)
    {
        var ending = EndingOf(kind);
        if (name.Length > LongestName || name.Any(char.IsControl) || name.AsSpan().ContainsAny(Refused) || !name.Split('/').All(IsSegment))
        {
            throw Invalid("cannot be that of a file in every store", "Use letters, digits, '-', '_' and '.', with '/' between folders.");
        }

        // What a listing would not take for a backup, or for another format, would be looked for in vain.
        if (BackupName.Parse(kind == BackupKind.Directory ? $"{name}/toc.dat" : name) is not { } parsed || (parsed.Kind != kind && parsed.Kind != BackupKind.Unknown))
        {
            throw Invalid($"is not that of a backup in the format {kind}", ending.Length > 0 ? $"End it in {ending}." : "Use another name.");
        }

        if (kind == BackupKind.Directory && BackupName.Parse(name) is { Kind: not (BackupKind.Unknown or BackupKind.Directory) })
        {
            throw Invalid("is that of a file, and this format makes a folder", "Leave the ending away.");
        }

        MaintenanceException Invalid(string what, string recommendation) =>
            new(MaintenanceErrorCode.InvalidArgument, $"The name '{name}' {what}.", recommendation);
    }

    private static bool IsSegment(string segment) =>
        segment.Length is > 0 and <= LongestSegment && segment[0] != '.' && segment[^1] is not ('.' or ' ') && Encoding.UTF8.GetByteCount(segment) <= LongestSegment;
}
