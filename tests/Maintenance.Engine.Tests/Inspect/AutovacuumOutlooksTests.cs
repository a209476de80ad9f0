using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect.Bloat;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class AutovacuumOutlooksTests
{
    private static readonly AutovacuumThresholds Server = new()
    {
        VacuumThreshold = 50,
        VacuumScaleFactor = 0.2,
        InsertThreshold = 1000,
        InsertScaleFactor = 0.2,
        AnalyzeThreshold = 50,
        AnalyzeScaleFactor = 0.1,
    };

    private static RelationFacts Table(double rows, params (string Name, string Value)[] options) => new()
    {
        Oid = 1,
        TableOid = 1,
        HeapOid = 1,
        Schema = "public",
        Name = "t",
        QualifiedName = "public.t",
        Kind = DbRelationKind.Table,
        CatalogueTuples = rows,
        CataloguePages = 100,
        Options = options.ToDictionary(option => option.Name, option => option.Value),
        Counters = new CounterFacts { Dead = 300, InsertedSinceVacuum = 1300, ModifiedSinceAnalyze = 100 },
    };

    [Fact]
    public void The_servers_settings_grow_with_the_table()
    {
        var outlook = AutovacuumOutlooks.Of(Table(1000), Server);
        Assert.Equal((250.0, 1200.0, 150.0), (outlook.VacuumThreshold, outlook.InsertThreshold, outlook.AnalyzeThreshold));
        Assert.True(outlook is { VacuumDue: true, InsertDue: true, AnalyzeDue: false });
    }

    [Fact]
    public void The_tables_own_settings_come_first()
    {
        var outlook = AutovacuumOutlooks.Of(Table(1000, ("autovacuum_vacuum_scale_factor", "0.5"), ("autovacuum_vacuum_insert_threshold", "-1")), Server);
        Assert.Equal(550, outlook.VacuumThreshold);
        Assert.Null(outlook.InsertThreshold);
        Assert.False(outlook.InsertDue);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("off")]
    [InlineData("0")]
    [InlineData("no")]
    public void Nothing_is_due_where_autovacuum_is_off(string value)
    {
        var outlook = AutovacuumOutlooks.Of(Table(1000, ("autovacuum_enabled", value)), Server);
        Assert.True(outlook is { Enabled: false, VacuumDue: false, InsertDue: false, AnalyzeDue: false });
        Assert.False(AutovacuumOutlooks.Of(Table(1000, ("autovacuum_enabled", "on")), Server with { Enabled = false }).Enabled);
    }

    [Fact]
    public void PostgreSQL_18_caps_the_threshold_of_large_tables()
    {
        Assert.Equal(100, AutovacuumOutlooks.Of(Table(1e9), Server with { VacuumMaximum = 100 }).VacuumThreshold);
        Assert.Equal(2e8 + 50, AutovacuumOutlooks.Of(Table(1e9, ("autovacuum_vacuum_max_threshold", "-1")), Server with { VacuumMaximum = 100 }).VacuumThreshold);
    }

    [Fact]
    public void PostgreSQL_18_counts_the_unfrozen_part_for_inserts() =>
        Assert.Equal(1000 + (0.2 * 1000 * 0.25), AutovacuumOutlooks.Of(Table(1000) with { AllFrozenPages = 75 }, Server).InsertThreshold);

    [Fact]
    public void A_TOAST_table_has_the_settings_of_its_table_unless_it_has_its_own_and_is_never_analyzed()
    {
        var owner = Table(10, ("autovacuum_vacuum_threshold", "7"), ("autovacuum_vacuum_scale_factor", "0"));
        var toast = Table(1000) with { Kind = DbRelationKind.Toast };
        Assert.Equal(7, AutovacuumOutlooks.Of(toast, Server, owner).VacuumThreshold);
        Assert.Null(AutovacuumOutlooks.Of(toast, Server, owner).AnalyzeThreshold);
        var own = toast with { Options = new Dictionary<string, string> { ["autovacuum_vacuum_scale_factor"] = "0.1" } };
        Assert.Equal(150, AutovacuumOutlooks.Of(own, Server, owner).VacuumThreshold);
    }

    [Fact]
    public void A_table_never_counted_has_the_base_thresholds() => Assert.Equal(50, AutovacuumOutlooks.Of(Table(-1), Server).VacuumThreshold);
}
