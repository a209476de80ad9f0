namespace Maintenance.Packager;

/// <summary>Which project's packages the libraries in a part of the shipped folder come from.</summary>
/// <param name="Prefix">The part, as "lib/"; empty for all of the folder.</param>
/// <param name="AssetsFile">project.assets.json of that project.</param>
internal sealed record PackagePart(string Prefix, string AssetsFile)
{
    /// <summary>From PREFIX=FILE, as it stands on the command line.</summary>
    public static PackagePart Parse(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return new PackagePart(text[..at], text[(at + 1)..]);
    }
}
