using System.Globalization;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Whether what was built has helped.</summary>
/// <param name="Helped">True if it is to be kept, false if it did not help; null if nobody can tell, which is no verdict.</param>
/// <param name="Message">Why, in a sentence, with the figures.</param>
/// <param name="CostGain">By how much the cost of the statements fell, in percent; null if nobody can tell.</param>
/// <param name="TimeGain">By how much their time fell, in percent; null if none was executed.</param>
internal sealed record EffectVerdict(bool? Helped, string Message, double? CostGain, double? TimeGain)
{
    /// <summary>It helps with some values that may be asked for, and not with others: a person has to tell which are.</summary>
    public bool DependsOnValues { get; init; }
}

/// <summary>
/// The rule by which an index is kept: a plan uses it, the cost of the statements it was built for, weighted by their executions, fell
/// by a tenth at least, and where they could be executed, their time did too. Time differs by whatever else the machine does; the
/// blocks that a statement touches do not. So where these did not fall by a tenth, their time has to fall by half. All of that with every set of values
/// that the application may ask for: what helps for rare values only is of no use where the common one is asked for. Where no statement could
/// be planned before and after, nothing is proved either way. Pure.
/// </summary>
internal static class EffectRule
{
    /// <summary>So much the cost has to fall, in percent.</summary>
    public const double LeastCostGain = 10;

    /// <summary>
    /// So much the measured time has to fall, in percent: every index costs each write and its space, and two measurements of the same thing
    /// differ by some percent.
    /// </summary>
    public const double LeastTimeGain = 10;

    /// <summary>So much the blocks touched have to fall, in percent, for the time to be taken at its word.</summary>
    public const double LeastBlockGain = 10;

    /// <summary>So much the measured time has to fall, in percent, where as many blocks are touched as before: more than any load of a machine explains.</summary>
    public const double LeastTimeGainAlone = 50;

    /// <summary>Judges by every set of values that may be asked for.</summary>
    /// <param name="trials">The statements, before and after, with each set.</param>
    public static EffectVerdict Judge(IReadOnlyList<TrialEffect> trials)
    {
        var worst = Judge([.. trials.Select(trial => trial.With(trial.Worst))]);
        if (worst.Helped is null || trials.All(trial => trial.Sets.Count == 0))
        {
            return worst;
        }

        // The others of it as bad as they can be; and all as good as they can be.
        var each = trials.SelectMany(trial => trial.Sets.Select(set => (Set: set, Verdict: Judge([.. trials.Select(other => other.With(ReferenceEquals(other, trial) ? set : other.Worst))])))).ToList();
        var best = Judge([.. trials.Select(trial => trial.With(trial.Best))]);
        var failed = each.Where(one => one.Verdict.Helped != true).ToList();
        if (failed.Count == 0)
        {
            return each.Count > trials.Count ? worst with { Message = $"{worst.Message.TrimEnd('.')}, and more with the other values that it was tried with." } : worst;
        }

        var isCommon = failed.Exists(one => one.Set.IsCommon);
        if (best.Helped == true || failed.Count < each.Count)
        {
            return worst with
            {
                Helped = false,
                DependsOnValues = true,
                Message = $"It helps where some values of its columns are asked for, and not where others are ({(isCommon ? "with the most common value nothing gets faster" : "with one of them")}: {Lower(worst.Message).TrimEnd('.')}), and what the server counts of the calls does not tell which of them the application asks for.",
            };
        }

        return failed.TrueForAll(one => one.Set.IsHarder)
            ? worst with { DependsOnValues = true, Message = $"No values that statistics know of return as few rows as its calls do, and with those that are nearest: {Lower(worst.Message)}" }
            : isCommon ? worst with { Message = $"{worst.Message} That is with the most common value of its columns: for it nothing gets faster." } : worst;
    }

    private static string Lower(string sentence) => $"{char.ToLowerInvariant(sentence[0])}{sentence[1..]}";

    /// <summary>Judges.</summary>
    /// <param name="effects">The statements, before and after.</param>
    public static EffectVerdict Judge(IReadOnlyList<StatementEffect> effects)
    {
        var planned = effects.Where(effect => effect is { CostBefore: not null, CostAfter: not null }).ToList();
        var timed = effects.Where(effect => effect is { TimeBefore: not null, TimeAfter: not null }).ToList();
        var cost = Gain(planned.Sum(effect => Weight(effect) * effect.CostBefore!.Value), planned.Sum(effect => Weight(effect) * effect.CostAfter!.Value));
        var time = timed.Count == 0
            ? null
            : Gain(timed.Sum(effect => Weight(effect) * effect.TimeBefore!.Value.TotalMilliseconds), timed.Sum(effect => Weight(effect) * effect.TimeAfter!.Value.TotalMilliseconds));
        var blocks = timed.Any(effect => effect is { BlocksBefore: null } or { BlocksAfter: null })
            ? null
            : Gain(timed.Sum(effect => Weight(effect) * effect.BlocksBefore!.Value), timed.Sum(effect => Weight(effect) * effect.BlocksAfter!.Value));
        if (cost is null)
        {
            return new EffectVerdict(null, Untold(effects), null, time);
        }

        if (!effects.Any(effect => effect.UsesIndex == true))
        {
            return new EffectVerdict(false, "No plan uses it.", cost, time);
        }

        if (cost < LeastCostGain)
        {
            return new EffectVerdict(false, $"The cost of the statements {Fell(cost.Value, LeastCostGain)}.", cost, time);
        }

        if (time < LeastTimeGain)
        {
            return new EffectVerdict(false, string.Create(CultureInfo.InvariantCulture, $"The cost of the statements fell by {cost:0.#} %, but their measured time {Fell(time.Value, LeastTimeGain)}."), cost, time);
        }

        if (time < LeastTimeGainAlone && blocks < LeastBlockGain)
        {
            return new EffectVerdict(false, string.Create(
                CultureInfo.InvariantCulture,
                $"The cost of the statements fell by {cost:0.#} % and their measured time by {time:0.#} %, but as many blocks are read as before ({(blocks < 0 ? $"{-blocks:0.#} % more" : $"{blocks:0.#} % less")}): so little can be the load of the machine."), cost, time);
        }

        var measured = timed.Count == 0
            ? $"by the cost of plans alone, since nothing was executed: {effects.Select(effect => effect.NotMeasured).FirstOrDefault(reason => reason is not null) ?? "measuring is off"}"
            : string.Create(CultureInfo.InvariantCulture, $"their measured time fell by {time:0.#} % ({Median(timed, effect => effect.TimeBefore!.Value)} before, {Median(timed, effect => effect.TimeAfter!.Value)} after)");
        return new EffectVerdict(true, string.Create(CultureInfo.InvariantCulture, $"The cost of the statements fell by {cost:0.#} %, {measured}."), cost, time);
    }

    /// <summary>Why nobody can tell what it does.</summary>
    public static string Untold(IEnumerable<StatementEffect> effects) =>
        $"Nothing could be measured or compared for its statements ({effects.Select(effect => effect.NotMeasured).FirstOrDefault(reason => reason is not null) ?? "there is none"}), so nobody can tell whether it helps.";

    // What is written with one decimal, and is nothing by that, has not changed.
    private static string Fell(double gain, double least) => Math.Round(gain, 1) switch
    {
        > 0 and var fell => string.Create(CultureInfo.InvariantCulture, $"fell by {fell:0.#} % only, less than the {least:0} % that it has to"),
        < 0 and var rose => string.Create(CultureInfo.InvariantCulture, $"rose by {-rose:0.#} %"),
        _ => "did not fall",
    };

    private static double Weight(StatementEffect effect) => Math.Max(1, effect.Calls);

    private static double? Gain(double before, double after) => before > 0 ? 100 * (before - after) / before : null;

    private static string Median(List<StatementEffect> effects, Func<StatementEffect, TimeSpan> of) =>
        string.Create(CultureInfo.InvariantCulture, $"{effects.Select(of).Order().ElementAt(effects.Count / 2).TotalMilliseconds:0.##} ms");
}
