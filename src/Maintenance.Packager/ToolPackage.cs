using System.IO.Compression;

namespace Maintenance.Packager;

/// <summary>Completes the package of a .NET tool that 'dotnet pack' has written: with notices and a bill of materials.</summary>
internal static class ToolPackage
{
    /// <summary>Completes it where it lies. The root is where the program lies in it, as "tools/net10.0/any".</summary>
    public static void Complete(string package, string root, string product, string version, string licence, IEnumerable<PackagePart> parts)
    {
        var folder = Directory.CreateTempSubdirectory("tool-");
        try
        {
            ZipFile.ExtractToDirectory(package, folder.FullName);
            Notices.WriteInto(Path.Combine(folder.FullName, root), product, version, licence, parts);
            PackageArchive.Write(package, FolderFiles.In(folder.FullName).Select(entry => (entry.Path, (Func<Stream>)(() => File.OpenRead(entry.File)))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
