using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>What the sandbox measures when it is ready: where its history has to arrive.</summary>
internal sealed record SampleAnchors
{
    public required long DatabaseSize { get; init; }

    /// <summary>Bytes of all databases.</summary>
    public required long ServerSize { get; init; }

    public required int MaximumConnections { get; init; }

    public required int Connections { get; init; }

    public required long XidAge { get; init; }

    public required long MultixactAge { get; init; }

    /// <summary>Mean of the last seven days, as the functions tell it, in milliseconds; null for a sandbox without rows. So are the others.</summary>
    public double? ResponseTime { get; init; }

    public double? ResponseTimeP95 { get; init; }

    /// <summary>In percent.</summary>
    public double? ErrorRate { get; init; }

    public double? RequestsPerSecond { get; init; }

    public double? BandwidthPerDay { get; init; }

    /// <summary>Bytes of each table, by <c>schema.table</c>.</summary>
    public required IReadOnlyDictionary<string, long> Tables { get; init; }

    /// <summary>The sequences, by <c>schema.name</c>.</summary>
    public required IReadOnlyDictionary<string, SampleKey> Keys { get; init; }

    /// <summary>What the server has counted of the sandbox's own statements.</summary>
    public required IReadOnlyList<SampleStatement> Statements { get; init; }
}

/// <summary>Where a counter stands, and where it ends.</summary>
internal sealed record SampleKey(long Last, long Maximum);

/// <summary>One execution of a statement, on average.</summary>
/// <param name="Key">Which.</param>
/// <param name="Mean">Milliseconds.</param>
/// <param name="Deviation">Milliseconds.</param>
/// <param name="Each">Rows, blocks and write-ahead log of one execution.</param>
/// <param name="Text">The statement without literals.</param>
internal sealed record SampleStatement(StatementKey Key, double Mean, double Deviation, StatementCounts Each, string Text);
