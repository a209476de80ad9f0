using Maintenance.Engine.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Maintenance.Engine.Tests.Tasks;

public sealed class RunLogTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 2, 3, 4, TimeSpan.Zero));

    [Fact]
    public void A_line_has_the_time_of_day_in_UTC()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(-5), "x", "x"));
        var log = new RunLog(_time);
        log.Add("Health is fine.");
        Assert.Equal("[02:03:04] Health is fine.\n", log.ToString());
    }

    [Fact]
    public void A_hostile_message_cannot_forge_a_line_or_reach_the_terminal()
    {
        var log = new RunLog(_time);
        log.Add("table \"a\n[02:03:04] OK everything\r\u001b[2Jfine");
        Assert.Equal("[02:03:04] table \"a\\u000a[02:03:04] OK everything\\u000d\\u001b[2Jfine\n", log.ToString());
    }

    [Fact]
    public async Task The_file_is_for_its_owner_alone()
    {
        var folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        try
        {
            var path = Path.Combine(folder, "logs", "a.log");
            var log = new RunLog(_time);
            log.Add("x");
            var size = await RunLog.WriteAsync(path, log.ToString(), TestContext.Current.CancellationToken);
            Assert.Equal(new FileInfo(path).Length, size);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_name_from_outside_cannot_leave_the_folder()
    {
        var target = new MaintenanceTarget { Name = "../../etc/passwd", History = new HistorySettings { Path = Path.Combine(Path.GetTempPath(), "h", "history.db") } };
        var run = new MaintenanceRun { Id = Guid.Empty, Task = "Daily", Target = target.Name, Status = HealthStatus.Ok, StartedAt = _time.GetUtcNow(), Message = "" };
        var path = RunLogPath.For(target, run);
        Assert.StartsWith(Path.Combine(Path.GetTempPath(), "h", "logs") + Path.DirectorySeparatorChar, Path.GetFullPath(path), StringComparison.Ordinal);
        Assert.EndsWith("daily-20261123T020304Z-00000000.log", path, StringComparison.Ordinal);
    }
}
