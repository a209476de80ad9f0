using System.Globalization;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Security.Access;

/// <summary>What is known of one role.</summary>
/// <param name="KnownSince">The first sample in which it existed.</param>
/// <param name="LastActivityAt">When it was active last; it was no later.</param>
/// <param name="Source">How that is known.</param>
/// <param name="Calls">Its statements, as counted then.</param>
internal sealed record WatchedRole(DateTimeOffset KnownSince, DateTimeOffset? LastActivityAt, RoleActivitySource Source, double? Calls);

/// <summary>One look at who is active.</summary>
internal sealed record RoleSample(
    DateTimeOffset At, long? System, IReadOnlyCollection<long> Roles, IReadOnlyDictionary<long, RoleSessions> Sessions, StatementTotals? Statements, bool CountsEveryRole);

/// <summary>
/// What all samples together tell of the roles of one server: each sample is added to what was known, so that only the latest has to be read. Pure.
/// PostgreSQL keeps no time of the last login, so nothing is known of the time before the first sample.
/// </summary>
internal sealed record RoleWatch
{
    private const string System = "system";
    private const string Counted = "counted";
    private const string Discarded = "discarded";

    public static RoleWatch Empty { get; } = new();

    public IReadOnlyDictionary<long, WatchedRole> Roles { get; private init; } = new Dictionary<long, WatchedRole>();

    /// <summary>Since when statements were counted without a break.</summary>
    public DateTimeOffset? CountedSince { get; private init; }

    private long? SystemIdentifier { get; init; }

    private DateTimeOffset? ResetAt { get; init; }

    private double? DiscardedTimes { get; init; }

    /// <summary>What is known with one more sample. Roles that are gone are forgotten; another server begins anew.</summary>
    public RoleWatch With(RoleSample sample)
    {
        var before = SystemIdentifier is { } known && sample.System is { } now && known != now ? Empty : this;
        var statements = sample.Statements;
        var sameCount = statements is not null && before.ResetAt == statements.ResetAt;
        // Statements of one role can be reset alone, and the server does not say so: then its count goes down.
        var lost = sameCount && before.Roles.Any(role => role.Value.Calls > statements!.Calls.GetValueOrDefault(role.Key) && sample.Roles.Contains(role.Key));
        var complete = statements is { ResetAt: not null, Discarded: not null } && sample.CountsEveryRole;
        return new RoleWatch
        {
            SystemIdentifier = sample.System ?? before.SystemIdentifier,
            ResetAt = statements?.ResetAt,
            DiscardedTimes = statements?.Discarded,
            CountedSince = !complete ? null : sameCount && !lost && before.DiscardedTimes == statements!.Discarded ? before.CountedSince ?? sample.At : sample.At,
            Roles = sample.Roles.ToDictionary(role => role, role => Look(before, role, sample, sameCount)),
        };
    }

    /// <summary>What several know together: processes that looked at the same instant do not know of each other.</summary>
    public static RoleWatch Merge(IReadOnlyList<RoleWatch> watches)
    {
        if (watches.Count == 0)
        {
            return Empty;
        }

        var newest = watches[^1];
        return newest with
        {
            Roles = newest.Roles.ToDictionary(pair => pair.Key, pair =>
            {
                var all = watches.Where(watch => watch.SystemIdentifier == newest.SystemIdentifier).Select(watch => watch.Roles.GetValueOrDefault(pair.Key)).OfType<WatchedRole>().ToList();
                var last = all.MaxBy(role => role.LastActivityAt ?? DateTimeOffset.MinValue)!;
                return pair.Value with { KnownSince = all.Min(role => role.KnownSince), LastActivityAt = last.LastActivityAt, Source = last.Source };
            }),
        };
    }

    public static RoleWatch Read(Snapshot snapshot)
    {
        var values = snapshot.Values;
        DateTimeOffset? Time(string name) => values.TryGetValue(name, out var seconds) ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000)) : null;
        var roles = new Dictionary<long, WatchedRole>();
        foreach (var name in values.Keys.Where(name => name.StartsWith("k:", StringComparison.Ordinal)))
        {
            var role = name[2..];
            roles[long.Parse(role, CultureInfo.InvariantCulture)] = new WatchedRole(
                Time(name)!.Value, Time($"a:{role}"), (RoleActivitySource)(int)values.GetValueOrDefault($"s:{role}"), values.TryGetValue($"c:{role}", out var calls) ? calls : null);
        }

        return new RoleWatch
        {
            SystemIdentifier = values.TryGetValue($"{System}.high", out var high) ? ((long)high << 32) | (uint)values.GetValueOrDefault($"{System}.low") : null,
            ResetAt = snapshot.ResetAt,
            DiscardedTimes = values.TryGetValue(Discarded, out var discarded) ? discarded : null,
            CountedSince = Time(Counted),
            Roles = roles,
        };
    }

    public Snapshot Write(string target, string kind, DateTimeOffset at)
    {
        var values = new Dictionary<string, double>();
        void Time(string name, DateTimeOffset? time)
        {
            if (time is { } known)
            {
                values[name] = known.ToUnixTimeMilliseconds() / 1000.0;
            }
        }

        if (SystemIdentifier is { } identifier)
        {
            // A double holds no 64 bits.
            (values[$"{System}.high"], values[$"{System}.low"]) = (identifier >> 32, (uint)identifier);
        }

        if (DiscardedTimes is { } discarded)
        {
            values[Discarded] = discarded;
        }

        Time(Counted, CountedSince);
        foreach (var (oid, role) in Roles)
        {
            var key = oid.ToString(CultureInfo.InvariantCulture);
            Time($"k:{key}", role.KnownSince);
            if (role.LastActivityAt is not null)
            {
                Time($"a:{key}", role.LastActivityAt);
                values[$"s:{key}"] = (int)role.Source;
            }

            if (role.Calls is { } calls)
            {
                values[$"c:{key}"] = calls;
            }
        }

        return new Snapshot { Target = target, Kind = kind, TakenAt = at, ResetAt = ResetAt, Values = values };
    }

    private static WatchedRole Look(RoleWatch before, long oid, RoleSample sample, bool sameCount)
    {
        var role = before.Roles.GetValueOrDefault(oid);
        var calls = sample.Statements is null ? null : (double?)sample.Statements.Calls.GetValueOrDefault(oid);
        var (last, source) = (role?.LastActivityAt, role?.Source ?? RoleActivitySource.None);
        void Seen(DateTimeOffset at, RoleActivitySource how)
        {
            if (last is null || at > last)
            {
                (last, source) = (at, how);
            }
        }

        if (sample.Sessions.GetValueOrDefault(oid) is { } sessions)
        {
            if (sessions.IdleFor is { } idle)
            {
                Seen(sample.At - (idle > TimeSpan.Zero ? idle : TimeSpan.Zero), RoleActivitySource.Session);
            }

            if (sessions.Hidden > 0)
            {
                Seen(sample.At, RoleActivitySource.Connected);
            }
        }

        // Counts of before the watch tell no time. After a reset whatever is counted is new; a role that came into being during the watch has only new statements.
        var earlier = role is null ? (before.Roles.Count > 0 && before.ResetAt is not null ? 0 : null) : sameCount ? role.Calls : role.Calls is null ? null : (double?)0;
        if (calls > earlier)
        {
            Seen(sample.At, RoleActivitySource.Statements);
        }

        return new WatchedRole(role?.KnownSince ?? sample.At, last, source, calls);
    }
}
