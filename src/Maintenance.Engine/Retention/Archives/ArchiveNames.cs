using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Names in the archive store: <c>folder/2026/11/ID/part-00001.csv.gz</c>, and <c>manifest.json</c> beside the parts once the archive is
/// finished. A part without a manifest beside it may be one that was never taken out of its table. Pure.
/// </summary>
internal static partial class ArchiveNames
{
    public const string ManifestFile = "manifest.json";

    /// <summary>Whether a policy may name this folder.</summary>
    public static bool IsFolder(string folder) => folder.Length <= 400 && Folder().IsMatch(folder);

    /// <summary>The folder of a table without one of its own: <c>schema.table</c>, other characters than letters, digits and _ - as %XX.</summary>
    public static string FolderOf(string schema, string table) => $"{Escape(schema)}.{Escape(table)}";

    /// <summary>The folder of one archive, with a slash at its end.</summary>
    public static string Prefix(string folder, Guid id, DateTimeOffset createdAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{folder}/{createdAt.UtcDateTime:yyyy'/'MM}/{id:N}/");

    /// <summary>A part.</summary>
    public static string Part(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}part-{number:00000}.csv.gz");

    /// <summary>The manifest.</summary>
    public static string Manifest(string prefix) => prefix + ManifestFile;

    /// <summary>The number of a part; null if the name is of something else.</summary>
    public static int? NumberOf(string name) =>
        PartName().Match(name) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    private static string Escape(string name)
    {
        var text = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            _ = char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'_' or (byte)'-'
                ? text.Append((char)octet)
                : text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\A(?!.*\.(/|\z))[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\z")]
    private static partial Regex Folder();

    [GeneratedRegex(@"/part-([0-9]{5,9})\.csv\.gz\z")]
    private static partial Regex PartName();
}
