using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>
/// Lays a base backup out as a data folder of its own. Everything that says how the original ran stays behind: its settings, who may
/// connect, what it was to recover from, where its tablespaces lie.
/// </summary>
/// <param name="data">The data folder.</param>
/// <param name="tablespaces">Folder for its tablespaces.</param>
internal sealed class ClusterFolder(string data, string tablespaces)
{
    private const string Tablespaces = "pg_tblspc/";

    private static readonly HashSet<string> Left = new(StringComparer.Ordinal)
    {
        "postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf", "postmaster.pid", "postmaster.opts", "recovery.signal", "standby.signal",
        "recovery.conf", "tablespace_map", "backup_manifest", "current_logfiles",
    };

    private static readonly string[] LeftBelow = ["pg_replslot/", "pg_stat_tmp/", "pg_dynshmem/", "log/", "pg_log/", "pg_wal/archive_status/"];

    // An archive holds them too, but what has no files says nothing there.
    private static readonly string[] Folders =
    [
        "base", "global", "pg_commit_ts", "pg_dynshmem", "pg_logical/mappings", "pg_logical/snapshots", "pg_multixact/members", "pg_multixact/offsets", "pg_notify",
        "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal/archive_status", "pg_wal/summaries", "pg_xact",
    ];

    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    /// <summary>Where the server looks for the log.</summary>
    public string LogFolder => Path.Combine(data, "pg_wal");

    /// <summary>How many bytes were written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Writes all files of a backup.</summary>
    /// <exception cref="BackupFaultException">A name leads out of the folder; or it ends before it should.</exception>
    public async Task FillAsync(BaseBackupSource source, Action<string> told, CancellationToken cancellationToken)
    {
        foreach (var folder in Folders)
        {
            Make(Path.Combine(data, folder));
        }

        // Also those without a file: the log may put some there, and a server does not start without them.
        foreach (var tablespace in await source.TablespacesAsync(cancellationToken))
        {
            Link(tablespace);
        }

        await foreach (var file in source.ReadAsync(cancellationToken))
        {
            if (Left.Contains(file.Path) || Array.Exists(LeftBelow, below => file.Path.StartsWith(below, StringComparison.Ordinal)))
            {
                continue;
            }

            told(file.Path);
            var path = PathOf(file.Path);
            Make(Path.GetDirectoryName(path)!);
            await using (var target = PrivateFiles.CreateNew(path))
            {
                await file.Content.CopyToAsync(target, 256 * 1024, cancellationToken);
            }

            Bytes += file.SizeBytes;
        }
    }

    private string PathOf(string name)
    {
        var root = data;
        var rest = name;
        if (name.StartsWith(Tablespaces, StringComparison.Ordinal) && name.IndexOf('/', Tablespaces.Length) is > 0 and var slash)
        {
            var oid = name[Tablespaces.Length..slash];
            root = Link(oid);
            rest = name[(slash + 1)..];
        }

        var path = Path.GetFullPath(Path.Combine(root, rest));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : throw Outside(name);
    }

    private string Link(string tablespace)
    {
        if (tablespace.Length == 0 || !tablespace.All(char.IsAsciiDigit))
        {
            throw Outside(Tablespaces + tablespace);
        }

        var folder = Path.Combine(tablespaces, tablespace);
        if (!_made.Contains(folder))
        {
            Make(folder);
            Directory.CreateSymbolicLink(Path.Combine(data, Tablespaces, tablespace), folder);
        }

        return folder;
    }

    private void Make(string folder)
    {
        if (_made.Add(folder))
        {
            PrivateFiles.CreateFolder(folder);
        }
    }

    private static BackupFaultException Outside(string name) => new(
        "Structure", BackupLevel.Full, BackupFault.DataDamaged, $"The backup holds a file '{name}' whose name leads out of it.", "Nobody's base backup looks like this: find out who wrote it.");
}
