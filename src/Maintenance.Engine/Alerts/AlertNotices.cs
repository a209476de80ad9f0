namespace Maintenance.Engine.Alerts;

/// <summary>
/// What there is to tell people about an alert. It compares what is with what they know, not one evaluation with the next: so what was held
/// back, or happened while nobody could be reached, is told as soon as it can be, and nothing is told twice. Pure.
/// </summary>
internal static class AlertNotices
{
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
                _ => AlertNews.Resolved,
            };
        }

        return wanted is AlertTold.Nothing ? AlertNews.None
            : wanted is AlertTold.Firing && IsToEscalate(rule, memory, policy, now) ? AlertNews.Escalated
            : policy.Repeat > TimeSpan.Zero && now - memory.ToldAt >= policy.Repeat ? AlertNews.Repeated
            : AlertNews.None;
    }

    /// <summary>What is remembered when the news has been told.</summary>
    public static AlertMemory Told(AlertMemory memory, AlertNews news, DateTimeOffset now) => news switch
    {
        AlertNews.None => memory,
        AlertNews.Resolved => memory with { Told = AlertTold.Nothing, ToldAt = now, FirstToldAt = null, EscalatedAt = null },
        AlertNews.Escalated => memory with { EscalatedAt = now, ToldAt = now },
        AlertNews.Repeated => memory with { ToldAt = now },
        _ => memory with
        {
            Told = Wanted(memory),
            ToldAt = now,
            FirstToldAt = news == AlertNews.Firing ? memory.FirstToldAt ?? now : null,
            EscalatedAt = news == AlertNews.Firing ? memory.EscalatedAt : null,
        },
    };

    /// <summary>The channel that the news goes to.</summary>
    public static string Channel(AlertRule rule, AlertNews news, AlertPolicy policy) =>
        news == AlertNews.Escalated ? policy.EscalationChannel : rule.Channel ?? (rule.Severity == AlertSeverity.Critical ? "Emergency" : "Default");

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
