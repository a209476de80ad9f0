using System.IO.Compression;
using NuGet.Packaging;
using NuGet.Packaging.Licenses;
using NuGet.Versioning;

namespace Maintenance.Packager;

/// <summary>Writes the module's folder as a package as a PowerShell repository takes it: the files at its root, the metadata from the manifest.</summary>
internal static class ModulePackage
{
    // What the PowerShell Gallery accepts.
    private const int MostTagLetters = 4000;

    /// <summary>Writes the package, and returns its path. The same folder gives the same bytes.</summary>
    public static string Write(string folder, string licence, string? projectUri, string outputFolder)
    {
        const string id = "Maintenance";
        var manifest = new ModuleManifest(File.ReadAllText(Path.Combine(folder, id + ".psd1")));
        var builder = new PackageBuilder(deterministic: true)
        {
            Id = id,
            Version = NuGetVersion.Parse(manifest.Version),
            Description = manifest.Description,
            Copyright = manifest.Copyright,
            ReleaseNotes = manifest.ReleaseNotes,
            LicenseMetadata = new LicenseMetadata(LicenseType.Expression, licence, NuGetLicenseExpression.Parse(licence), [], LicenseMetadata.EmptyVersion),
            ProjectUrl = string.IsNullOrEmpty(projectUri) ? null : new Uri(projectUri),
        };
        builder.Authors.Add(manifest.Author);
        builder.Owners.Add(manifest.Author);
        builder.Tags.UnionWith(TagsOf(manifest));
        builder.Files.AddRange(FolderFiles.In(folder).Select(entry => new PhysicalPackageFile { SourcePath = entry.File, TargetPath = entry.Path }));
        if (string.Join(' ', builder.Tags).Length is > MostTagLetters and var letters)
        {
            throw new PackagingException($"The tags have {letters} letters; a repository takes {MostTagLetters}.");
        }

        Directory.CreateDirectory(outputFolder);
        var path = Path.Combine(outputFolder, $"{id}.{manifest.Version}.nupkg");
        // NuGet's own archive has the times of the files.
        using var saved = new MemoryStream();
        builder.Save(saved);
        using var archive = new ZipArchive(saved);
        PackageArchive.Write(path, archive.Entries.Select(entry => (entry.FullName, (Func<Stream>)entry.Open)));
        return path;
    }

    // As Publish-PSResource writes them, so that Find-PSResource -CommandName finds the cmdlets.
    private static IEnumerable<string> TagsOf(ModuleManifest manifest) =>
    [
        .. manifest.Tags, "PSModule", "PSIncludes_Cmdlet",
        .. manifest.Cmdlets.SelectMany(cmdlet => new[] { $"PSCmdlet_{cmdlet}", $"PSCommand_{cmdlet}" }),
    ];
}
