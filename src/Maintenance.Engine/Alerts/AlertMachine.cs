namespace Maintenance.Engine.Alerts;

/// <summary>
/// How an alert goes from one state to the next. Pure: a rule, what is remembered, a value or none, and the time, give what is to be remembered.
/// It knows nothing of people; what they are told is decided by <see cref="AlertNotices"/>.
/// </summary>
internal static class AlertMachine
{
    /// <summary>After this time a change counts half. Ours: an alert that changes every five minutes is flapping after half an hour.</summary>
    public static readonly TimeSpan FlapHalfLife = TimeSpan.FromMinutes(30);

    /// <summary>From this score on it flaps: more than two full turns within the half-life.</summary>
    public const double FlapBegins = 4;

    /// <summary>Below this score it is steady again: about three quarters of an hour without a change.</summary>
    public const double FlapEnds = 1.5;

    /// <summary>What is remembered of an alert that nobody has looked at before.</summary>
    public static AlertMemory Begin(AlertKey key, DateTimeOffset now) => new() { Key = key, Since = now };

    /// <summary>The next state.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="memory">What is remembered.</param>
    /// <param name="value">The value; null if it could not be measured.</param>
    /// <param name="observedAt">When it was measured.</param>
    /// <param name="now">The time.</param>
    public static AlertMemory Next(AlertRule rule, AlertMemory memory, double? value, DateTimeOffset observedAt, DateTimeOffset now)
    {
        memory = WithinTime(memory, now) with { IsUnwatched = false };
        var next = value is not { } number || !double.IsFinite(number) ? WithoutValue(rule, memory, now)
            : IsOld(memory, observedAt) ? memory
            : WithValue(rule, memory, number, observedAt < now ? observedAt : now, now);
        return Flap(memory, next, now);
    }

    /// <summary>Whether a newer value was judged before: of two who measure at the same time, the slower one changes nothing.</summary>
    public static bool IsOld(AlertMemory memory, DateTimeOffset observedAt) => memory.ObservedAt > observedAt;

    /// <summary>What is remembered of what nothing watches any more.</summary>
    public static AlertMemory End(AlertMemory memory, DateTimeOffset now) => To(WithinTime(memory, now), AlertState.Inactive, now) with
    {
        BadSamples = 0,
        NoDataSince = null,
        FlapScore = 0,
        FlapAt = null,
        IsFlapping = false,
        IsUnwatched = true,
    };

    private static AlertMemory WithValue(AlertRule rule, AlertMemory memory, double value, DateTimeOffset observedAt, DateTimeOffset now)
    {
        var isNew = memory.ObservedAt != observedAt;
        // A value that was judged before counts in the time that goes by, but not as another sample.
        var bad = rule.IsBad(value) ? memory.BadSamples + (isNew || memory.BadSamples == 0 ? 1 : 0) : 0;
        memory = memory with { ObservedAt = observedAt, NoDataSince = null, BadSamples = bad };
        return memory.State switch
        {
            AlertState.Firing => rule.IsNotClear(value) ? memory
                : rule.KeepFiringFor > TimeSpan.Zero ? To(memory, AlertState.Recovering, now)
                : To(memory, AlertState.Inactive, now),
            AlertState.Recovering => rule.IsNotClear(value) ? To(memory, AlertState.Firing, now)
                : now - memory.Since >= rule.KeepFiringFor ? To(memory, AlertState.Inactive, now)
                : memory,
            _ => bad == 0 ? To(memory, AlertState.Inactive, now)
                : IsLongEnough(rule, memory, now) ? To(memory, AlertState.Firing, now)
                : To(memory, AlertState.Pending, now),
        };
    }

    private static bool IsLongEnough(AlertRule rule, AlertMemory memory, DateTimeOffset now) =>
        memory.BadSamples >= rule.MinimumSamples
        && (rule.For <= TimeSpan.Zero || (memory.State == AlertState.Pending && now - memory.Since >= rule.For));

    private static AlertMemory WithoutValue(AlertRule rule, AlertMemory memory, DateTimeOffset now)
    {
        memory = memory with { NoDataSince = memory.NoDataSince ?? now };
        return rule.NoData switch
        {
            NoDataPolicy.Keep => memory,
            NoDataPolicy.Ignore => To(memory with { BadSamples = 0 }, AlertState.Inactive, now),
            // What fires goes on firing: that its value is gone is no sign that it is over.
            _ when memory.State is AlertState.Firing or AlertState.Recovering or AlertState.NoData => memory,
            _ when now - memory.NoDataSince >= rule.For => To(memory with { BadSamples = 0 }, AlertState.NoData, now),
            _ => memory,
        };
    }

    private static AlertMemory To(AlertMemory memory, AlertState state, DateTimeOffset now) =>
        memory.State == state ? memory : memory with { State = state, Since = now };

    // Where the clock was set back, what lies in the future began now: durations are never negative, and begin anew.
    private static AlertMemory WithinTime(AlertMemory memory, DateTimeOffset now) => memory with
    {
        Since = memory.Since > now ? now : memory.Since,
        NoDataSince = memory.NoDataSince > now ? now : memory.NoDataSince,
        // A value of the future is none: the next one is a new one.
        ObservedAt = memory.ObservedAt > now ? null : memory.ObservedAt,
        FlapAt = memory.FlapAt > now ? now : memory.FlapAt,
        ToldAt = memory.ToldAt > now ? now : memory.ToldAt,
        FirstToldAt = memory.FirstToldAt > now ? now : memory.FirstToldAt,
        EscalatedAt = memory.EscalatedAt > now ? now : memory.EscalatedAt,
    };

    // The score is kept as of the last turn: a memory that nothing happens to stays what it is, and need not be written.
    private static AlertMemory Flap(AlertMemory before, AlertMemory after, DateTimeOffset now)
    {
        var score = after.FlapAt is { } at ? after.FlapScore * Math.Pow(0.5, (now - at) / FlapHalfLife) : 0;
        if (IsBad(before.State) != IsBad(after.State))
        {
            score++;
            after = after with { FlapScore = score, FlapAt = now };
        }

        return after with { IsFlapping = score > FlapBegins || (before.IsFlapping && score >= FlapEnds) };
    }

    private static bool IsBad(AlertState state) => state is AlertState.Firing or AlertState.Recovering;
}
