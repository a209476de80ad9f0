using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>
/// What a past tells of what is to come, apart from any limit: the trend, where it leads, and how far off it would have been. It is worked out
/// once, however many limits it is held against.
/// </summary>
/// <param name="points">The past, one value a day.</param>
/// <param name="question">What is asked.</param>
internal sealed class PastCourse(IReadOnlyList<TimedValue> points, TrendQuestion question)
{
    private readonly Lazy<TrendAnswer> _answer = new(() => Trend.Find(points, question));
    private IReadOnlyList<ExpectedValue>? _ahead;
    private (bool IsKnown, BacktestResult? Result) _backtest;

    public TrendQuestion Question => question;

    /// <summary>The trend, or why there is none.</summary>
    public TrendAnswer Answer => _answer.Value;

    /// <summary>What is expected from now on; only where there is a trend.</summary>
    public IReadOnlyList<ExpectedValue> Ahead => _ahead ??= Answer.Trend!.Ahead(question);

    /// <summary>What forecasts as if made earlier came to; null where there is too little to try them on.</summary>
    public BacktestResult? Backtest => (_backtest = _backtest.IsKnown ? _backtest : (true, Statistics.Backtest.Run(points, Answer, question))).Result;

    /// <summary>The course of a case.</summary>
    public static PastCourse Of(CapacityFacts facts, CapacityCase subject) => new(subject.Series.Points, new TrendQuestion(TimedValue.DayOf(facts.Now), facts.Projection.TotalDays)
    {
        IsWeekly = subject.IsWeekly,
        OnlyRises = subject.OnlyRises,
        Say = value => CapacityText.Value(value, subject.Unit),
    });
}
