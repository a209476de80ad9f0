using Maintenance.Engine.Health;

namespace Maintenance.Engine.Inspect;

/// <summary>What <see cref="WraparoundReader"/> brought, before any judgement.</summary>
internal sealed record WraparoundFacts
{
    public required int MajorVersion { get; init; }

    /// <summary>A standby has the primary's ages, but neither its sessions nor a vacuum.</summary>
    public bool IsStandby { get; init; }

    /// <summary>The next transaction id, with its epoch.</summary>
    public required long NextXid { get; init; }

    /// <summary>The next multixact id; 32 bits.</summary>
    public required long NextMultixact { get; init; }

    public required long FreezeLimit { get; init; }

    public required long MultixactFreezeLimit { get; init; }

    /// <summary>Null before PostgreSQL 14.</summary>
    public long? FailsafeAge { get; init; }

    public long? MultixactFailsafeAge { get; init; }

    /// <summary>Whether the role sees the sessions of others.</summary>
    public required bool SeesOthers { get; init; }

    /// <summary>Files that hold the members of multixacts; null if they could not be counted.</summary>
    public long? MemberFiles { get; init; }

    /// <summary>Why they could not.</summary>
    public string? MemberReason { get; init; }

    public IReadOnlyList<DatabaseAge> Databases { get; init; } = [];

    /// <summary>Tables of the connected database, nearest to their limits first.</summary>
    public IReadOnlyList<TableAgeFacts> Tables { get; init; } = [];

    /// <summary>Whose the temporary schemas are.</summary>
    public IReadOnlyList<TemporarySchema> TemporarySchemas { get; init; } = [];

    public IReadOnlyList<XminHolder> Holders { get; init; } = [];

    /// <summary>The role as it must stand in a GRANT.</summary>
    public string QuotedUser { get; init; } = "";

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];
}

/// <summary>A database of the server and its ages.</summary>
internal sealed record DatabaseAge(string Name, long XidAge, long MultixactAge, bool AllowsConnections, bool IsInvalid, bool IsConnected);

/// <summary>A table's age, as the catalogue says it.</summary>
/// <param name="Table">What is known of it; whose it is, if temporary, is not yet.</param>
/// <param name="Quoted">Its name as the server quotes it.</param>
internal sealed record TableAgeFacts(DbTableAge Table, string Quoted);

/// <summary>A session of this database, and the number in the name of its temporary schema if the server tells.</summary>
internal sealed record TemporarySchema(int? Number, int ProcessId);
