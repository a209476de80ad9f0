using Maintenance.Engine.Database;

namespace Maintenance.Engine.Tests.Database;

public sealed class AutovacuumThresholdsTests
{
    internal static readonly AutovacuumThresholds Defaults = new()
    {
        VacuumThreshold = 50,
        VacuumScaleFactor = 0.2,
        InsertThreshold = 1000,
        InsertScaleFactor = 0.2,
        AnalyzeThreshold = 50,
        AnalyzeScaleFactor = 0.1,
        FreezeMaximumAge = 200_000_000,
        MultixactFreezeMaximumAge = 400_000_000,
    };

    [Theory]
    [InlineData(-1, 50)]
    [InlineData(0, 50)]
    [InlineData(10_000, 2_050)]
    public void A_table_is_due_at_a_base_and_a_share_of_its_rows(double rows, double expected) => Assert.Equal(expected, Defaults.Vacuum(rows));

    [Theory]
    [InlineData(300_000_000, 200_000_050)]
    [InlineData(-1, 200_000_050)]
    [InlineData(100_000_000, 100_000_000)]
    public void A_large_table_is_due_at_the_limit_of_PostgreSQL_18_at_the_latest(double maximum, double expected) =>
        Assert.Equal(expected, (Defaults with { VacuumMaximum = maximum }).Vacuum(1_000_000_000), 1.0);

    [Fact]
    public void Inserts_count_against_the_share_that_is_not_frozen()
    {
        Assert.Equal(21_000, Defaults.Insert(100_000, 1_000, 0));
        Assert.Equal(6_000, Defaults.Insert(100_000, 1_000, 750)!.Value, 0.001);
        Assert.Equal(1_000, Defaults.Insert(100_000, 1_000, 2_000));
        Assert.Null((Defaults with { InsertThreshold = -1 }).Insert(100_000, 1_000, 0));
    }

    [Fact]
    public void The_table_s_own_settings_come_first()
    {
        var own = Defaults.With(
        [
            "autovacuum_vacuum_scale_factor=0.01", "autovacuum_vacuum_threshold=7", "autovacuum_vacuum_insert_threshold=-1",
            "autovacuum_analyze_scale_factor=0", "autovacuum_analyze_threshold=5", "autovacuum_vacuum_max_threshold=60",
            "autovacuum_freeze_max_age=100000", "autovacuum_multixact_freeze_max_age=900000000", "fillfactor=70", "autovacuum_enabled=off",
        ]);

        Assert.Equal(17, own.Vacuum(1_000));
        Assert.Equal(60, own.Vacuum(1_000_000));
        Assert.Null(own.Insert(1, 1, 0));
        Assert.Equal(5, own.Analyze(1_000_000));
        Assert.Equal(100_000, own.FreezeMaximumAge);
        // It can only come sooner.
        Assert.Equal(400_000_000, own.MultixactFreezeMaximumAge);
        Assert.False(own.Enabled);
    }

    [Theory]
    [InlineData("autovacuum_vacuum_scale_factor=-1")]
    [InlineData("autovacuum_vacuum_threshold=-1")]
    [InlineData("autovacuum_vacuum_threshold=nonsense")]
    public void A_setting_that_means_as_the_server_has_it_changes_nothing(string option) => Assert.Equal(Defaults.Vacuum(1_000), Defaults.With([option]).Vacuum(1_000));

    [Theory]
    [InlineData("true", true)]
    [InlineData("on", true)]
    [InlineData("FALSE", false)]
    [InlineData("0", false)]
    [InlineData("no", false)]
    public void Switches_are_read_as_the_server_does(string text, bool expected) => Assert.Equal(expected, Defaults.With([$"autovacuum_enabled={text}"]).Enabled);
}
