using Maintenance.Engine.Performance.Optimize;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>When an index is kept.</summary>
public sealed class EffectRuleTests
{
    private static StatementEffect Effect(double? before, double? after, double? timeBefore = null, double? timeAfter = null, bool? uses = true, double calls = 1) => new()
    {
        Query = "SELECT 1",
        Calls = calls,
        CostBefore = before,
        CostAfter = after,
        TimeBefore = timeBefore is { } first ? TimeSpan.FromMilliseconds(first) : null,
        TimeAfter = timeAfter is { } second ? TimeSpan.FromMilliseconds(second) : null,
        UsesIndex = uses,
        NotMeasured = timeBefore is null ? "it writes" : null,
    };

    [Theory]
    [InlineData(100, 90, true)]
    [InlineData(100, 90.1, false)]
    [InlineData(100, 1, true)]
    public void The_cost_has_to_fall_by_a_tenth(double before, double after, bool helped) => Assert.Equal(helped, EffectRule.Judge([Effect(before, after)]).Helped);

    [Theory]
    [InlineData(10, 9, true)]
    [InlineData(10, 9.1, false)]
    [InlineData(10, 11, false)]
    public void The_measured_time_has_to_fall_by_a_tenth_too(double before, double after, bool helped) =>
        Assert.Equal(helped, EffectRule.Judge([Effect(100, 10, before, after)]).Helped);

    [Theory]
    [InlineData(1000, 890, 88, true)]
    [InlineData(1000, 910, 51, false)]
    [InlineData(1000, 910, 49, true)]
    [InlineData(1000, 1500, 60, false)]
    public void Where_as_many_blocks_are_touched_the_time_has_to_fall_by_half(double blocksBefore, double blocksAfter, double timeAfter, bool helped) =>
        Assert.Equal(helped, EffectRule.Judge([Effect(100, 10, 100, timeAfter) with { BlocksBefore = blocksBefore, BlocksAfter = blocksAfter }]).Helped);

    [Fact]
    public void What_no_plan_uses_does_not_help() => Assert.False(EffectRule.Judge([Effect(100, 10, uses: false)]).Helped);

    [Fact]
    public void Without_a_plan_nothing_is_proved_and_nothing_disproved()
    {
        var verdict = EffectRule.Judge([Effect(null, null, uses: null)]);
        Assert.Null(verdict.Helped);
        Assert.Null(verdict.CostGain);
        Assert.Contains("it writes", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Statements_count_by_their_executions() =>
        Assert.False(EffectRule.Judge([Effect(100, 1, calls: 1), Effect(100, 100, calls: 1000)]).Helped);

    private static TrialEffect Trial(params (double Before, double After, bool IsCommon, bool IsHarder)[] sets) => new(
        Effect(100, 50),
        [.. sets.Select(set => new SetEffect(new SetResult(100, set.Before, 1000), new SetResult(100 * set.After / set.Before, set.After, 1000 * set.After / set.Before), set.IsCommon, set.IsHarder))]);

    [Fact]
    public void Every_set_of_values_that_may_be_asked_for_has_to_gain()
    {
        var verdict = EffectRule.Judge([Trial((10, 1, false, false), (10, 5, true, false))]);
        Assert.True(verdict.Helped);
        Assert.Equal(50, verdict.TimeGain!.Value, 6);
        Assert.Contains("and more with the other values", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_helps_for_rare_values_only_is_for_a_person()
    {
        var verdict = EffectRule.Judge([Trial((10, 0.1, false, false), (10, 10, true, false))]);
        Assert.Equal((false, true), (verdict.Helped, verdict.DependsOnValues));
        Assert.Contains("with the most common value nothing gets faster", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_helps_for_none_of_them_does_not_help()
    {
        var verdict = EffectRule.Judge([Trial((10, 9.9, false, false), (10, 10, true, false))]);
        Assert.Equal((false, false), (verdict.Helped, verdict.DependsOnValues));
        Assert.Contains("The cost of the statements did not fall. That is with the most common value", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_help_for_more_than_is_asked_for_may_help_for_that()
    {
        Assert.True(EffectRule.Judge([Trial((10, 1, false, true))]).Helped);
        Assert.True(EffectRule.Judge([Trial((10, 10, false, true))]).DependsOnValues);
    }

    [Fact]
    public void Two_statements_that_each_gain_with_some_values_are_for_a_person_too()
    {
        var verdict = EffectRule.Judge([Trial((10, 1, false, false), (10, 10, true, false)), Trial((10, 1, false, false), (10, 11, true, false))]);
        Assert.Equal((false, true), (verdict.Helped, verdict.DependsOnValues));
    }
}
