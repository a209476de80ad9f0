namespace Maintenance;

/// <summary>
/// How far one database of a server is from running out of transaction ids and multixact ids, and when that would be at the
/// measured rate. What could not be known is null and has a reason.
/// </summary>
public sealed record DbWraparound
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>The worst of its metrics and findings.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>True for the database of the target, the only one whose tables can be looked at.</summary>
    public bool IsConnected { get; init; }

    /// <summary>False for a database that nobody can connect to, such as template0: autovacuum alone freezes it.</summary>
    public bool AllowsConnections { get; init; }

    /// <summary>Transactions that began since its oldest row that is not frozen: <c>age(datfrozenxid)</c>.</summary>
    public long XidAge => Xid.Age;

    /// <summary>Multixact ids given out since the oldest one that it may still hold: <c>mxid_age(datminmxid)</c>.</summary>
    public long MultixactAge => Multixact.Age;

    /// <summary>Transaction ids: age, limits, rate and dates.</summary>
    public required WraparoundCounter Xid { get; init; }

    /// <summary>Multixact ids: age, limits, rate and dates.</summary>
    public required WraparoundCounter Multixact { get; init; }

    /// <summary>When autovacuum begins to freeze because it must (UTC), at the measured rate: the sooner of both counters.</summary>
    public DateTimeOffset? FreezeAt => Sooner(Xid.Freeze.At, Multixact.Freeze.At);

    /// <summary>When a vacuum would drop all delays and skip indexes (UTC), if nothing is frozen until then; null before PostgreSQL 14.</summary>
    public DateTimeOffset? FailsafeAt => Sooner(Xid.Failsafe?.At, Multixact.Failsafe?.At);

    /// <summary>When the server would refuse to write (UTC), if nothing is frozen until then.</summary>
    public DateTimeOffset? StopAt => Sooner(Xid.Stop.At, Multixact.Stop.At);

    /// <summary>Share of the space for members of multixacts that the whole server uses, in percent, estimated from its files.</summary>
    public double? MultixactMemberPercent { get; init; }

    /// <summary>Why that share is not known.</summary>
    public string? MultixactMemberReason { get; init; }

    /// <summary>
    /// Who keeps rows from being frozen the longest: no age can become less than its <see cref="XminHolder.XminAge"/>. One of another
    /// database counts too, for it holds back the catalogues that all databases share.
    /// </summary>
    public XminHolder? Blocker { get; init; }

    /// <summary>Something to know about this database that is no fault; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The tables of the connected database that are nearest to their limits, nearest first. TOAST counts with its table.</summary>
    public IReadOnlyList<DbTableAge> Tables { get; init => field = Readable.Copy(value); } = Readable.List<DbTableAge>.Empty;

    /// <summary>What is worth attention, worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>The figures under their names in the threshold catalogue.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = Readable.Copy(value); } = Readable.List<Metric>.Empty;

    private static DateTimeOffset? Sooner(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one < other ? one : other;
}

/// <summary>One of the two counters that can run out.</summary>
public sealed record WraparoundCounter
{
    /// <summary>How many ids have been given out since the oldest that is still in use.</summary>
    public required long Age { get; init; }

    /// <summary>Ids per second, measured between snapshots in the target's history; null if that is not known.</summary>
    public double? PerSecond { get; init; }

    /// <summary>The slowest rate within the time that was measured; null with fewer than three snapshots.</summary>
    public double? SlowestPerSecond { get; init; }

    /// <summary>The fastest rate within the time that was measured; null with fewer than three snapshots.</summary>
    public double? FastestPerSecond { get; init; }

    /// <summary>Since when the rate was measured (UTC).</summary>
    public DateTimeOffset? MeasuredSince { get; init; }

    /// <summary>Why there is no rate, or no date although there is a rate.</summary>
    public string? Reason { get; init; }

    /// <summary>Where autovacuum begins to freeze because it must (autovacuum_freeze_max_age, or a table's own setting).</summary>
    public required WraparoundLimit Freeze { get; init; }

    /// <summary>Where vacuum skips everything but freezing (vacuum_failsafe_age); null before PostgreSQL 14.</summary>
    public WraparoundLimit? Failsafe { get; init; }

    /// <summary>Where the server refuses to give out another id.</summary>
    public required WraparoundLimit Stop { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Age} ({Stop.Percent:0.0} % of what there is)");
}

/// <summary>An age at which something happens, and when it would be reached.</summary>
public sealed record WraparoundLimit
{
    /// <summary>The age.</summary>
    public required long Limit { get; init; }

    /// <summary>How much of the way there is behind, in percent; over 100 when it was passed.</summary>
    public required double Percent { get; init; }

    /// <summary>When it is reached at the measured rate (UTC): the time of the measurement if it has been; null if no rate is known.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>When at the fastest rate measured; null with fewer than three snapshots.</summary>
    public DateTimeOffset? Earliest { get; init; }

    /// <summary>When at the slowest rate measured; null with fewer than three snapshots, and where that rate is 0.</summary>
    public DateTimeOffset? Latest { get; init; }

    /// <summary>The table that reaches it first because of a setting of its own; null if the database's own age counts.</summary>
    public string? Table { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Limit} ({Percent:0.0} %)");
}

/// <summary>The age of a table or materialised view. Its TOAST table counts with it.</summary>
public sealed record DbTableAge : IDbObject
{
    /// <inheritdoc/>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public required string Database { get; init; }

    /// <inheritdoc/>
    public required string Schema { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required long Oid { get; init; }

    /// <summary>True for a materialised view.</summary>
    public bool IsMaterializedView { get; init; }

    /// <summary>True for a catalogue that all databases of the server share.</summary>
    public bool IsShared { get; init; }

    /// <summary>Age of its oldest transaction id, or of that of its TOAST table if that is older.</summary>
    public required long XidAge { get; init; }

    /// <summary>Age of its oldest multixact id, or of that of its TOAST table if that is older.</summary>
    public required long MultixactAge { get; init; }

    /// <summary>The age at which autovacuum must freeze it: the server's limit, or its own if that is lower.</summary>
    public required long FreezeLimit { get; init; }

    /// <summary>The same for multixact ids.</summary>
    public required long MultixactFreezeLimit { get; init; }

    /// <summary>How near the nearer of both limits is, in percent; over 100 when it was passed.</summary>
    public required double FreezePercent { get; init; }

    /// <summary>Size with its TOAST table in bytes, as the last VACUUM or ANALYZE counted its pages; null if none ever did.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>True for a temporary table: only the session that made it can vacuum it.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>The session that a temporary table belongs to; null where the server does not tell (before PostgreSQL 16).</summary>
    public int? OwnerProcessId { get; init; }

    /// <summary>True if it is a temporary table whose session is gone; null if that is not known.</summary>
    public bool? IsOrphaned { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Schema}.{Name}";
}
