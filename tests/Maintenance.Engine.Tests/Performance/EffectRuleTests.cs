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
}
