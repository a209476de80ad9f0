using System.Text.RegularExpressions;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Rotation;

/// <summary>
/// Looks for logs in a folder: files alone, never a link or what it leads to, no pipe, socket or device, nothing that somebody is just
/// putting there under a temporary name. What belongs to an artefact goes with it.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="filter">Which names are meant.</param>
/// <param name="recurse">The folders below it too.</param>
/// <param name="open">Who writes.</param>
internal sealed partial class FolderScan(string root, RotationFilter filter, bool recurse, OpenFiles open)
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private readonly List<RotationEntry> _entries = [];
    private readonly List<(string Name, MaintenanceException Problem)> _problems = [];

    /// <summary>A name for a file that is being compressed, beside the others.</summary>
    public static string NewTemporary(string folder) => Path.Combine(folder, $".{Guid.NewGuid():N}.rotating");

    /// <summary>What is there.</summary>
    /// <param name="below">The folder below the root where the looking begins, with slashes; empty for the root itself.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public RotationListing List(string below, CancellationToken cancellationToken)
    {
        var folders = new Stack<(string Path, string Name)>([(Path.Combine([root, .. below.Split('/', StringSplitOptions.RemoveEmptyEntries)]), below)]);
        while (folders.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var items = new DirectoryInfo(folder.Path).EnumerateFileSystemInfos("*", Everything).ToList();
                Add(folder.Name, items);
                foreach (var inner in items.OfType<DirectoryInfo>().Where(item => recurse && item.LinkTarget is null && !item.Attributes.HasFlag(FileAttributes.ReparsePoint)))
                {
                    folders.Push((inner.FullName, $"{folder.Name}{inner.Name}/"));
                }
            }
            catch (Exception exception) when (folder.Name != below && exception is IOException or UnauthorizedAccessException)
            {
                _problems.Add((folder.Name, (MaintenanceException)StoreErrors.Translate(exception, folder.Path, "")));
            }
        }

        return new RotationListing(_entries, _problems);
    }

    private void Add(string folder, IReadOnlyList<FileSystemInfo> items)
    {
        var files = items.OfType<FileInfo>().Where(file => file.LinkTarget is null).ToDictionary(file => file.Name, StringComparer.Ordinal);
        foreach (var file in files.Values.Where(file => FileIdentity.IsRegularFile(file)))
        {
            if (OwnTemporary().IsMatch(file.Name))
            {
                _entries.Add(Entry(folder, file) with { IsLeftover = true });
            }
            else if (ForeignTemporary().IsMatch(file.Name))
            {
                continue;
            }
            else if (ArtifactOf(file.Name, files) is { } artifact)
            {
                // What is compressed has its own by now: the old one is what an interruption left.
                if (!files.ContainsKey(artifact) && files.ContainsKey(ArtifactSideFile.PathFor($"{artifact}.gz")) && filter.Includes(folder + artifact))
                {
                    _entries.Add(Entry(folder, file) with { IsLeftover = true });
                }
            }
            else if (filter.Includes(folder + file.Name))
            {
                _entries.Add(Described(Entry(folder, file), file, files));
            }
        }
    }

    private RotationEntry Described(RotationEntry entry, FileInfo file, Dictionary<string, FileInfo> files)
    {
        var hold = open.WhyBusy(file.FullName);
        if (SideFileOf(file.Name, files) is not { } side)
        {
            return entry with { Hold = hold };
        }

        if (ArtifactSideFile.TryRead(side.FullName) is not { } kept)
        {
            return entry with { Hold = hold, Retention = new RetentionNote(null, "nothing that can be read") };
        }

        return entry with
        {
            Hold = RetentionNote.IsHeld(kept.Metadata) ? "Its metadata puts it under a legal hold." : hold,
            Retention = RetentionNote.Read(kept.Metadata, entry.Modified),
        };
    }

    /// <summary>The side file of a file; one compressed by hand still has that of before.</summary>
    internal static string? SideFileOf(string path)
    {
        var before = path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path;
        return File.Exists(ArtifactSideFile.PathFor(path)) ? ArtifactSideFile.PathFor(path)
            : File.Exists(ArtifactSideFile.PathFor(before)) && !File.Exists(before) ? ArtifactSideFile.PathFor(before)
            : null;
    }

    private static FileInfo? SideFileOf(string name, Dictionary<string, FileInfo> files) =>
        files.GetValueOrDefault(ArtifactSideFile.PathFor(name))
        ?? (name.EndsWith(".gz", StringComparison.Ordinal) && !files.ContainsKey(name[..^3]) ? files.GetValueOrDefault(ArtifactSideFile.PathFor(name[..^3])) : null);

    private static string? ArtifactOf(string name, Dictionary<string, FileInfo> files)
    {
        if (!name.EndsWith(ArtifactSideFile.Extension, StringComparison.Ordinal))
        {
            return null;
        }

        var artifact = name[..^ArtifactSideFile.Extension.Length];
        // Written a moment before the compressed artefact, it may be there without it.
        var isAhead = artifact.EndsWith(".gz", StringComparison.Ordinal) && files.ContainsKey(artifact[..^3]);
        return isAhead || files.ContainsKey(artifact) || files.ContainsKey($"{artifact}.gz") ? artifact : null;
    }

    private static RotationEntry Entry(string folder, FileInfo file) => new(folder + file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero))
    {
        Version = FileIdentity.Of(file.FullName)?.ToString(),
    };

    [GeneratedRegex(@"\A\.[0-9a-f]{32}\.rotating\z")]
    private static partial Regex OwnTemporary();

    [GeneratedRegex(@"(?:\A|\.)\.?[0-9a-f]{32}\.tmp\z")]
    private static partial Regex ForeignTemporary();
}
