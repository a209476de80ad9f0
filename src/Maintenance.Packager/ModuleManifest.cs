using System.Text.RegularExpressions;

namespace Maintenance.Packager;

/// <summary>The module's manifest as text: what the source leaves open is filled in, what the package repeats is read from it.</summary>
internal sealed partial record ModuleManifest(string Text)
{
    private const string OpenVersion = "ModuleVersion = '0.0.0'";
    private const string EndOfTags = "'MacOS')";

    public string Author => Value("Author");

    public string Copyright => Value("Copyright");

    public string Description => Value("Description");

    public string Version => Value("ModuleVersion");

    public string ReleaseNotes => Value("ReleaseNotes");

    public IReadOnlyList<string> Tags => List("Tags");

    public IReadOnlyList<string> Cmdlets => List("CmdletsToExport");

    /// <summary>The manifest of a release. A project address that is not known is left out.</summary>
    public ModuleManifest Complete(string version, string licenceUri, string? projectUri, string releaseNotes)
    {
        Require(OpenVersion);
        Require(EndOfTags);
        var metadata = $"{EndOfTags}\n            LicenseUri = {Quote(licenceUri)}\n"
            + (string.IsNullOrEmpty(projectUri) ? "" : $"            ProjectUri = {Quote(projectUri)}\n")
            + $"            ReleaseNotes = {Quote(releaseNotes)}";
        var text = Text
            .Replace(OpenVersion, $"ModuleVersion = {Quote(version)}", StringComparison.Ordinal)
            .Replace(EndOfTags, metadata, StringComparison.Ordinal);
        // Windows PowerShell reads it in the encoding of the machine, in which half a letter may be a quote, and must come as far as PowerShellVersion.
        return text.All(char.IsAscii)
            ? new ModuleManifest(text)
            : throw new PackagingException($"The manifest, or what CHANGELOG.md tells of version {version}, has a letter that is not ASCII.");
    }

    private void Require(string text)
    {
        if (!Text.Contains(text, StringComparison.Ordinal))
        {
            throw new PackagingException($"The module's manifest has no {text}.");
        }
    }

    private static string Quote(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Value(string key) => Regex.Match(Text, $@"^\s+{key} = '((?:[^']|'')*)'", RegexOptions.Multiline).Groups[1].Value.Replace("''", "'", StringComparison.Ordinal);

    private string[] List(string key) =>
        [.. Quoted().Matches(Regex.Match(Text, $@"^\s+{key} = @\((.*?)\)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
