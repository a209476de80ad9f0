using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Artifacts;

/// <summary>Names of artefacts: which are allowed, which kind they are, and those of the guide. Dates are UTC. Pure.</summary>
internal static partial class ArtifactName
{
    /// <summary>The log or report of a day (guide DL: <c>maintenance-YYYYMMDD.log</c>), in the folder of its task.</summary>
    public static string OfDay(string folder, string stem, DateTimeOffset startedAt, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{folder}/{stem}-{startedAt.UtcDateTime:yyyyMMdd}.{extension}");

    /// <summary>The name with a number before its extension: <c>a/b.2.log</c>.</summary>
    public static string Numbered(string name, int number)
    {
        var dot = name.LastIndexOf('.');
        var end = dot > name.LastIndexOf('/') + 1 ? dot : name.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{name[..end]}.{number}{name[end..]}");
    }

    /// <summary>The name with a target's before its extension: <c>a/b-production.md</c>. What not every store can hold is left out of it.</summary>
    public static string OfTarget(string name, string target)
    {
        var dot = name.LastIndexOf('.');
        var end = dot > name.LastIndexOf('/') + 1 ? dot : name.Length;
        return $"{name[..end]}-{string.Concat(target.Take(64).Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_'))}{name[end..]}";
    }

    /// <summary>Refuses names that could lead out of the store, or that not every store can hold.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static void Check(string name)
    {
        if (name.Length is 0 or > 900
            || name.Any(character => char.IsControl(character) || character is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
            || name.Split('/').Any(part => part.Length is 0 or > 240 || part is "." or ".." || part.EndsWith('.') || part.EndsWith(' ')))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "That is no name for an artefact.",
                "Use parts divided by single slashes, without '..', control characters or any of \\ : * ? \" < > |, at most 900 characters: reports/2026-11.md.");
        }
    }

    /// <summary>Refuses names that no container can have.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static void CheckContainer(string name)
    {
        if (!Container().IsMatch(name))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "That is no name for a container.",
                "Use 3 to 63 small letters, digits and single hyphens, such as performance-reports.");
        }
    }

    /// <summary>The kind of a file, by its extension.</summary>
    public static string ContentType(string name) => Path.GetExtension(name).ToUpperInvariant() switch
    {
        ".LOG" or ".TXT" => "text/plain; charset=utf-8",
        ".MD" => "text/markdown; charset=utf-8",
        ".JSON" => "application/json",
        ".SARIF" => "application/sarif+json",
        ".JSONL" => "application/x-ndjson",
        ".HTML" or ".HTM" => "text/html; charset=utf-8",
        ".CSV" => "text/csv; charset=utf-8",
        ".GZ" => "application/gzip",
        _ => "application/octet-stream",
    };

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Container();
}
