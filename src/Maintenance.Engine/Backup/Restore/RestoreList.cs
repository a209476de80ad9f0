namespace Maintenance.Engine.Backup.Restore;

/// <summary>The list that tells pg_restore what to restore: everything but the rows of most tables. Pure.</summary>
/// <param name="scan">What the dump holds.</param>
/// <param name="lines">Lines of <c>pg_restore --list</c>.</param>
internal sealed class RestoreList(DumpScan scan, IReadOnlyList<string> lines)
{
    private const string Rows = " TABLE DATA ";

    /// <summary>What <c>pg_dump --data-only</c> writes.</summary>
    private static readonly string[] Data = [Rows, " SEQUENCE SET ", " BLOBS ", " BLOB ", " BLOB METADATA ", " LARGE OBJECT ", " STATISTICS DATA ", " DATABASE "];

    /// <summary>The tables whose rows are in the dump.</summary>
    public IReadOnlyList<DumpTable> TablesWithRows { get; } = [.. lines.Select(line => TableOf(line, scan)).OfType<DumpTable>()];

    /// <summary>Whether a dump holds rows and nothing that could hold them.</summary>
    /// <param name="lines">Lines of <c>pg_restore --list</c>.</param>
    public static bool IsDataOnly(IReadOnlyList<string> lines) =>
        lines.Any(line => Is(line, Rows)) && lines.All(line => Array.Exists(Data, kind => Is(line, kind)));

    private static bool Is(string line, string kind) => FirstWord(line) is var start && start >= 0 && line.AsSpan(start).StartsWith(kind, StringComparison.Ordinal);

    /// <summary>The list for some tables, and the foreign keys that cannot be made because what they point to is not among them.</summary>
    public (IReadOnlyList<string> Lines, IReadOnlyList<DumpForeignKey> Left) For(IReadOnlyList<DumpTable> chosen)
    {
        var left = scan.ForeignKeys.Where(key => chosen.Contains(key.Table) && !chosen.Contains(key.Referenced)).ToList();
        return ([.. lines.Where(line => IsIn(line, chosen, left))], left);
    }

    private bool IsIn(string line, IReadOnlyList<DumpTable> chosen, List<DumpForeignKey> left)
    {
        if (line.Contains(Rows, StringComparison.Ordinal) && line.IndexOf(Rows, StringComparison.Ordinal) == FirstWord(line))
        {
            return TableOf(line, scan) is { } table && chosen.Contains(table);
        }

        return !line.Contains(" BLOBS ", StringComparison.Ordinal)
            && !left.Exists(key => line.Contains($" FK CONSTRAINT {key.Table.Schema} {key.Table.Name} {key.Name} ", StringComparison.Ordinal));
    }

    // 3393; 0 16434 TABLE DATA public b owner: names may hold spaces, so the tables that are known are looked for.
    private static DumpTable? TableOf(string line, DumpScan scan)
    {
        var start = FirstWord(line);
        if (start < 0 || !line.AsSpan(start).StartsWith(Rows, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = line[(start + Rows.Length)..];
        return scan.Tables
            .Where(table => rest.StartsWith($"{table.Schema} {table.Name} ", StringComparison.Ordinal))
            .OrderByDescending(table => table.Schema.Length + table.Name.Length)
            .Select(table => (DumpTable?)table)
            .FirstOrDefault();
    }

    // After "id; class oid".
    private static int FirstWord(string line)
    {
        var at = line.IndexOf(';', StringComparison.Ordinal);
        for (var word = 0; word < 2 && at >= 0; word++)
        {
            at = at + 1 < line.Length ? line.IndexOf(' ', at + (word == 0 ? 2 : 1)) : -1;
        }

        return at;
    }
}
