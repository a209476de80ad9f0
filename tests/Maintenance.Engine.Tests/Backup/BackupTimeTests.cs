using System.Globalization;
using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Tests.Backup;

public sealed class BackupTimeTests
{
    private static readonly DateTimeOffset Now = At("2025-06-10T12:00:00Z");

    [Theory]
    // The store's time refines a name that says the day only.
    [InlineData("app-20250610.dump", "2025-06-10T02:15:00Z", "2025-06-10T02:15:00Z", true)]
    // An old backup that was copied today stays old.
    [InlineData("app-20250609.dump", "2025-06-10T08:00:00Z", "2025-06-09T00:00:00Z", true)]
    [InlineData("app-2025060103.dump", "2025-06-10T02:15:00Z", "2025-06-01T03:00:00Z", true)]
    [InlineData("app-20250601_030405.dump", "2025-06-10T02:15:00Z", "2025-06-01T03:04:05Z", true)]
    // The upload ended after midnight.
    [InlineData("app-20250609.dump", "2025-06-10T00:30:00Z", "2025-06-09T23:59:59.9999999Z", true)]
    // A name of the future is not believed.
    [InlineData("app-20260101.dump", "2025-06-10T02:15:00Z", "2025-06-10T02:15:00Z", false)]
    [InlineData("app-20250610_1200.dump", "2025-06-10T02:00:00Z", "2025-06-10T02:00:00Z", false)]
    // Within the clocks' skew it is.
    [InlineData("app-20250610_020500.dump", "2025-06-10T02:00:00Z", "2025-06-10T02:05:00Z", true)]
    // A file dated in the future: its name says more.
    [InlineData("app-20250601_030405.dump", "2031-01-01T00:00:00Z", "2025-06-01T03:04:05Z", true)]
    // Neither can be right: nothing is made up.
    [InlineData("app-20300101.dump", "2031-01-01T00:00:00Z", "2031-01-01T00:00:00Z", false)]
    [InlineData("app.dump", "2025-06-09T02:15:00Z", "2025-06-09T02:15:00Z", false)]
    public void The_name_decides_within_what_is_possible(string name, string modified, string takenAt, bool fromName) =>
        Assert.Equal((At(takenAt), fromName), BackupTime.Resolve(NameDate.FindLast(name), At(modified), Now));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
