namespace Maintenance.IntegrationTests.Analytics;

/// <summary>A clock that a test can put forward; timers run as usual.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
