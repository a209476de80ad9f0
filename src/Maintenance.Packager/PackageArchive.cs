using System.IO.Compression;

namespace Maintenance.Packager;

/// <summary>Writes a package as an archive that is the same, byte for byte, whenever and wherever the same files are packed.</summary>
internal static class PackageArchive
{
    // The earliest that zip can tell.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(string path, IEnumerable<(string Path, Func<Stream> Open)> files)
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            var entry = archive.CreateEntry(file.Path, CompressionLevel.SmallestSize);
            entry.LastWriteTime = NoTime;
            // Readable by all, as files of a package are, whatever the rights of the one who packs.
            entry.ExternalAttributes = Convert.ToInt32("100644", 8) << 16;
            using var from = file.Open();
            using var to = entry.Open();
            from.CopyTo(to);
        }
    }
}
