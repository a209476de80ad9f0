using System.Management.Automation;
using System.Xml.Linq;

namespace Maintenance.ModuleTests.Inspect;

public sealed class WraparoundAndReplicationCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-inspect-").FullName;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ScriptResult Run(string script) => _session.Run(script, ("target", Target));

    private MaintenanceTarget Target => fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    [Fact]
    public void A_record_for_each_database_comes_from_a_server()
    {
        var result = Run("Get-DbWraparound -Target $target");
        Assert.Empty(result.Errors);
        var databases = result.Output.Select(item => Assert.IsType<DbWraparound>(item.BaseObject)).ToList();
        Assert.Equal("postgres", databases[0].Database);
        Assert.Contains("template0", databases.Select(database => database.Database));
        Assert.All(databases, database => Assert.Equal(Target.Name, database.Target));
        Assert.Equal(10, databases[0].Tables.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void As_many_tables_are_listed_as_asked_for(int first) =>
        Assert.Equal(first, Assert.IsType<DbWraparound>(Run($"Get-DbWraparound -Target $target -First {first}").Output[0].BaseObject).Tables.Count);

    [Theory]
    [InlineData("1s")]
    [InlineData("'1s'")]
    [InlineData("00:00:01")]
    public void The_log_is_watched_for_the_time_of_a_sample(string sample)
    {
        var replication = Assert.IsType<DbReplication>(Assert.Single(Run($"Get-DbReplication -Target $target -Sample {sample}").Output).BaseObject);
        Assert.False(replication.IsStandby);
        Assert.NotNull(replication.WalBytesPerSecond);
        Assert.True(replication.WalRateWindow >= TimeSpan.FromMilliseconds(900), $"{replication.WalRateWindow}");
    }

    [Theory]
    [InlineData("Get-DbReplication -Target $target -Sample 0:00:00", "InvalidArgument,")]
    [InlineData("Get-DbReplication -Target nowhere", "TargetNotFound,")]
    [InlineData("Get-DbWraparound -Target nowhere", "TargetNotFound,")]
    public void What_cannot_be_measured_is_an_error_of_its_target(string script, string error) =>
        Assert.StartsWith(error, Assert.Single(Run(script).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Theory]
    [InlineData("Get-DbWraparound -Target $target -First -1")]
    [InlineData("Get-DbReplication -Target $target -Sample soon")]
    public void What_makes_no_sense_does_not_bind(string script) =>
        Assert.IsAssignableFrom<ParameterBindingException>(Assert.Single(Run(script).Errors).Exception);

    [Fact]
    public void Every_cell_of_every_view_can_be_shown()
    {
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var measured = (DbWraparound)Run("Get-DbWraparound -Target $target").Output[0].BaseObject;
        var replication = (DbReplication)Run("Get-DbReplication -Target $target").Output[0].BaseObject;
        var standby = new DbStandby { Name = "one\u001b[2J", ProcessId = 5, State = "streaming", SyncState = "async", ReplayLagBytes = 5 << 20, ReplayLag = TimeSpan.FromSeconds(3), LastReplyAt = at };
        var slot = new DbReplicationSlot { Name = "held", Kind = DbReplicationSlotKind.Logical, IsActive = false, WalStatus = "extended", RetainedBytes = 3L << 30, SafeWalBytes = 1L << 30, HoursUntilLost = 2.5, CatalogXminAge = 99, InactiveSince = at, GrowthBytesPerSecond = 1000 };
        var receiver = new DbWalReceiver { State = DbWalReceiverState.Down, Reason = "There is no receiver.", LastTransactionAt = at };
        var archiver = new DbWalArchiver { Mode = "on", IsFailing = true, LastFailedFile = "0000", LastFailedAt = at };

        Assert.Contains("postgres", Show(measured));
        Assert.Contains(measured.XidAge.ToString(System.Globalization.CultureInfo.InvariantCulture), Show(measured));
        Assert.Contains("of session 7", Show(measured.Tables[0] with { IsTemporary = true, OwnerProcessId = 7, IsOrphaned = false }));
        Assert.Contains("orphaned", Show(measured.Tables[0] with { IsTemporary = true, IsOrphaned = true }));
        Assert.Contains("primary", Show(replication));
        var down = Show(replication with { IsStandby = true, Receiver = receiver, LagBytes = null, Standbys = [standby], Slots = [slot], Archiver = archiver });
        Assert.Contains("unknown", down);
        Assert.Contains("unknown: There is no receiver.", down);
        Assert.Contains("failing", down);
        Assert.Contains("3.0 GB", down);
        Assert.Contains("one\uFFFD[2J", Show(standby));
        Assert.Contains("2.5", Show(slot));
        Assert.Contains("There is no receiver.", Show(receiver));
        Assert.Contains("0000", Show(archiver));
        Assert.Contains("2026-03-01 12:00:00Z", Show(archiver));
    }

    // Script blocks of the views, run on the object; names of properties must exist.
    private List<string> Show(object item)
    {
        var type = item.GetType();
        var views = XDocument.Load(Path.Combine(ModuleRunspace.ModuleFolder, "Maintenance.Format.ps1xml"))
            .Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == type.FullName)).ToList();
        Assert.NotEmpty(views);
        var properties = views.Descendants("PropertyName").Select(name => type.GetProperty(name.Value)).ToList();
        Assert.DoesNotContain(null, properties);
        return
        [
            .. properties.Select(property => $"{property!.GetValue(item)}"),
            .. views.Descendants("ScriptBlock").Select(script => Assert.Single(_session.Invoke($"[string](,$item | ForEach-Object {{ {script.Value} }})", ("item", item)))?.ToString() ?? ""),
        ];
    }
}
