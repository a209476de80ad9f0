namespace Maintenance.Engine.Alerts;

/// <summary>
/// What there is to tell people about an alert. It compares what is with what they know, not one evaluation with the next: so what was held
/// back, or happened while nobody could be reached, is told as soon as it can be, and nothing is told twice. Pure.
/// </summary>
internal static class AlertNotices
{
    private const string Default = "Default";
    private const string Emergency = "Emergency";

    /// <summary>The news.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="memory">What is remembered, after the evaluation.</param>
    /// <param name="policy">How people are told.</param>
    /// <param name="now">The time.</param>
    public static AlertNews Of(AlertRule rule, AlertMemory memory, AlertPolicy policy, DateTimeOffset now)
    {
        var wanted = Wanted(memory);
        if (wanted != memory.Told)
        {
            return wanted switch
            {
                AlertTold.Firing => AlertNews.Firing,
                AlertTold.NoData => AlertNews.NoData,
                AlertTold.Flapping => AlertNews.Flapping,
                _ => memory.IsUnwatched ? AlertNews.Unwatched : AlertNews.Resolved,
            };
        }

        return wanted is AlertTold.Nothing ? AlertNews.None
            : wanted is AlertTold.Firing && IsToEscalate(rule, memory, policy, now) ? AlertNews.Escalated
            : AlertCauses.Joined(memory).Count > 0 ? AlertNews.Joined
            : policy.Repeat > TimeSpan.Zero && now - memory.ToldAt >= policy.Repeat ? AlertNews.Repeated
            : AlertNews.None;
    }

    /// <summary>What is remembered when the news has been told.</summary>
    public static AlertMemory Told(AlertMemory memory, AlertNews news, DateTimeOffset now) => news switch
    {
        AlertNews.None => memory,
        AlertNews.Resolved or AlertNews.Unwatched => memory with { Told = AlertTold.Nothing, ToldAt = now, FirstToldAt = null, EscalatedAt = null, ToldCauses = null },
        AlertNews.Escalated => memory with { EscalatedAt = now, ToldAt = now, ToldCauses = memory.Causes },
        AlertNews.Repeated => memory with { ToldAt = now, ToldCauses = memory.Causes },
        AlertNews.Joined => memory with { ToldAt = now, ToldCauses = AlertCauses.Told(memory) },
        _ => memory with
        {
            Told = Wanted(memory),
            ToldAt = now,
            FirstToldAt = news == AlertNews.Firing ? memory.FirstToldAt ?? now : null,
            ToldCauses = news == AlertNews.Firing ? memory.Causes ?? "" : null,
        },
    };

    /// <summary>
    /// The channels that the news goes to, the rule's own first. Whoever was told on the second one that it is escalated hears there as well what
    /// becomes of it.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="memory">What is remembered; null where nobody knows what people were told.</param>
    /// <param name="news">The news.</param>
    /// <param name="target">The target.</param>
    public static IReadOnlyList<string> Channels(AlertRule rule, AlertMemory? memory, AlertNews news, MaintenanceTarget target)
    {
        var own = rule.Channel ?? (rule.Severity == AlertSeverity.Critical ? Emergency : Default);
        if (news == AlertNews.Repeated || (news != AlertNews.Escalated && memory?.EscalatedAt is null))
        {
            return [own];
        }

        // Where the second one is the rule's own, it is no second one: then everybody hears of it.
        var second = Same(target.Alerts.EscalationChannel, own) ? Default : target.Alerts.EscalationChannel;
        return Same(Used(second), Used(own)) ? [own] : [own, second];

        // What is not configured goes to Default.
        string Used(string channel) => target.Channels.Keys.Any(known => Same(known, channel)) ? channel : Default;
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static AlertTold Wanted(AlertMemory memory) => memory.IsFlapping && memory.State != AlertState.NoData ? AlertTold.Flapping : memory.State switch
    {
        AlertState.Firing or AlertState.Recovering => AlertTold.Firing,
        AlertState.NoData => AlertTold.NoData,
        // It may fire in a moment: nobody is told that it is over just to be told the contrary. For one who knows of nothing there is nothing.
        AlertState.Pending => memory.Told,
        _ => AlertTold.Nothing,
    };

    private static bool IsToEscalate(AlertRule rule, AlertMemory memory, AlertPolicy policy, DateTimeOffset now) =>
        rule.Severity == AlertSeverity.Critical && policy.EscalateAfter > TimeSpan.Zero && memory.EscalatedAt is null && now - memory.FirstToldAt >= policy.EscalateAfter;
}
