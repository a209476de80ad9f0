namespace Maintenance.Engine.Inspect;

/// <summary>
/// Says how far a standby is behind, and only while it hears from its sender: what was received and what was applied are the same
/// when nothing comes any more. Pure.
/// </summary>
internal static class ReceiverJudgement
{
    private static readonly TimeSpan DefaultSilence = TimeSpan.FromSeconds(60);

    public static DbWalReceiver Judge(ReceiverFacts facts, bool seesOthers, DateTimeOffset serverTime)
    {
        var view = facts.View;
        if (view.ProcessId is null)
        {
            return facts.HasConnection == false
                ? view with { State = DbWalReceiverState.FromArchive, Reason = "The log comes from an archive, so where the primary is cannot be known here." }
                : view with { State = DbWalReceiverState.Down, Reason = "There is no receiver, so nothing is known of what the primary has written since." };
        }

        if (facts.Status is null)
        {
            return view with
            {
                State = DbWalReceiverState.Unknown,
                Reason = seesOthers ? "The receiver is just starting." : "The role may not see the receiver: GRANT pg_monitor.",
            };
        }

        var silence = facts.SilentAfter ?? DefaultSilence;
        if (facts.Status != "streaming" || view.LastMessageAt is not { } heard || serverTime - heard > silence)
        {
            return view with
            {
                State = DbWalReceiverState.Stalled,
                Reason = facts.Status != "streaming" ? $"The receiver is not streaming but {facts.Status}." : "The sender has gone silent.",
            };
        }

        return view with
        {
            State = DbWalReceiverState.Streaming,
            LagBytes = facts.SenderAhead,
            Lag = facts.SenderAhead switch
            {
                null => null,
                0 => TimeSpan.Zero,
                // What is missing was committed after what was applied last.
                _ => view.LastTransactionAt is { } committed && serverTime > committed ? serverTime - committed : null,
            },
            Reason = facts.SenderAhead is null ? "The sender has not told yet where its log ends." : null,
        };
    }
}
