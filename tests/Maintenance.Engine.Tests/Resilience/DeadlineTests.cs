using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tests.Resilience;

public sealed class DeadlineTests
{
    [Theory]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(3650)]
    public void A_time_that_no_timer_counts_to_has_not_passed_and_is_known(int days)
    {
        using var deadline = new Deadline(TimeSpan.FromDays(days), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(deadline.HasPassed);
        Assert.InRange(deadline.Remaining!.Value.TotalDays, days - 1, days);
    }
}
