using System.Text;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>The first lines of SQL text, which tell the version and the encoding.</summary>
internal static class DumpHead
{
    private const int Length = 4096;

    /// <summary>Reads them.</summary>
    public static async Task<DumpScan> ScanAsync(LocalDump dump, CancellationToken cancellationToken)
    {
        var scan = new DumpScan();
        var head = new byte[Length];
        await using var text = dump.OpenText();
        var read = await text.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        foreach (var line in Encoding.UTF8.GetString(head, 0, read).Split('\n').SkipLast(1))
        {
            scan.Read(line.TrimEnd('\r'));
        }

        return scan;
    }
}
