using System.Reflection;
using System.Security.Cryptography;
using NuGet.Packaging;
using NuGet.Packaging.Licenses;

namespace Maintenance.Packager;

/// <summary>Finds out which packages the libraries in a folder come from, and under which licences.</summary>
internal static class ComponentReader
{
    private static readonly string[] Libraries = [".dll", ".exe", ".so", ".dylib"];
    private static readonly string[] NoticeFiles = ["THIRD-PARTY-NOTICES.TXT", "THIRDPARTYNOTICES.TXT", "NOTICE.TXT", "NOTICE"];

    /// <summary>Every library in the folder that is not our own, by package. One that no package brings must not be shipped.</summary>
    public static IReadOnlyList<Component> Read(string folder, IEnumerable<PackagePart> parts)
    {
        // What lies deeper is looked up there first.
        var sources = parts.OrderByDescending(part => part.Prefix.Length).Select(part => (part.Prefix, Assets: new PackageAssets(part.AssetsFile))).ToArray();
        var files = new SortedDictionary<string, (PackageFolder Package, List<ShippedFile> Files)>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in LibrariesIn(folder))
        {
            var (prefix, assets) = sources.FirstOrDefault(source => path.StartsWith(source.Prefix, StringComparison.Ordinal));
            var package = assets?.Owner(path[prefix.Length..]) ?? throw new PackagingException($"No package brings {path}: nobody knows its version and licence.");
            if (!files.TryGetValue(package.Name, out var entry))
            {
                files[package.Name] = entry = (package, []);
            }

            entry.Files.Add(new ShippedFile(path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, path))))));
        }

        return [.. files.Values.Select(entry => Describe(entry.Package, entry.Files))];
    }

    /// <summary>Libraries and programs of others below a folder.</summary>
    public static IEnumerable<string> LibrariesIn(string folder) => FolderFiles.In(folder)
        .Select(entry => entry.Path)
        .Where(path => Libraries.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && !Path.GetFileName(path).StartsWith("Maintenance.", StringComparison.Ordinal));

    private static Component Describe(PackageFolder package, IReadOnlyList<ShippedFile> files)
    {
        using var reader = new PackageFolderReader(package.Folder);
        var nuspec = reader.NuspecReader;
        var notices = Directory.EnumerateFiles(package.Folder)
            .Where(file => NoticeFiles.Contains(Path.GetFileName(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(Text);
        var copyright = nuspec.GetCopyright() is { Length: > 0 } told ? told : $"Copyright (c) {nuspec.GetAuthors()}";
        return new Component(nuspec.GetId(), nuspec.GetVersion().ToNormalizedString(), LicenceOf(nuspec, package.Folder), copyright.ReplaceLineEndings(" ").Trim(), [.. notices], files);
    }

    private static Licence LicenceOf(NuspecReader nuspec, string folder)
    {
        var name = $"{nuspec.GetId()} {nuspec.GetVersion()}";
        switch (nuspec.GetLicenseMetadata())
        {
            case { Type: LicenseType.Expression, LicenseExpression: NuGetLicense licence }:
                return new Licence(licence.Identifier, WellKnown(licence.Identifier)
                    ?? throw new PackagingException($"{name} is under {licence.Identifier}. May it be shipped? Then its text belongs into src/Maintenance.Packager/Licences."));
            case { Type: LicenseType.File, License: var file }:
                var text = Text(Path.Combine(folder, file));
                // Some packages bring the text of a well-known licence, and more behind it, instead of naming it.
                return text.Contains("Apache License", StringComparison.Ordinal) && text.Contains("Version 2.0", StringComparison.Ordinal)
                    ? new Licence("Apache-2.0", text)
                    : throw new PackagingException($"{name} is under a licence of its own ({file}): it must not be shipped before somebody has read that.");
            default:
                throw new PackagingException($"{name} does not say under which licence it is.");
        }
    }

    private static string? WellKnown(string identifier)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(identifier);
        return stream is null ? null : new StreamReader(stream).ReadToEnd().ReplaceLineEndings("\n").Trim();
    }

    private static string Text(string file) => File.ReadAllText(file).ReplaceLineEndings("\n").Trim();
}
