using System.Collections.Concurrent;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// Where in what psql reads the statements lie whose errors mean something else than others: psql names the line on which a statement
/// ends. Written by who feeds psql, and read while it complains.
/// </summary>
internal sealed class FedLines
{
    private readonly ConcurrentDictionary<long, bool> _lines = new();

    /// <summary>Notes a statement that removes something, before anything was made.</summary>
    public void AddRemoval(long line) => _lines[line] = true;

    /// <summary>Notes a COPY that rows follow.</summary>
    public void AddCopy(long line) => _lines[line] = false;

    /// <summary>True if a statement that removes something ends there.</summary>
    public bool IsRemoval(long line) => _lines.TryGetValue(line, out var isRemoval) && isRemoval;

    /// <summary>True if a COPY ends there.</summary>
    public bool IsCopy(long line) => _lines.TryGetValue(line, out var isRemoval) && !isRemoval;
}
