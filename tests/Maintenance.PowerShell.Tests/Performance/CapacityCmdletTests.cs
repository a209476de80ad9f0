namespace Maintenance.ModuleTests.Performance;

public sealed class CapacityCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-capacity-").FullName;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private MaintenanceTarget Target => fixture.Sandbox.Target with
    {
        Functions = null,
        ArtifactStore = new StoreSettings { Path = _folder },
        History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
    };

    private ScriptResult Run(string script) => _session.Run(script, ("target", Target), ("folder", _folder));

    [Fact]
    public void Without_a_past_forecasts_are_unknown_and_say_how_many_days_are_needed()
    {
        var result = Run("Get-CapacityForecast -Target $target");
        Assert.Empty(result.Errors);
        var forecasts = result.Output.Select(item => Assert.IsType<CapacityForecast>(item.BaseObject)).ToList();
        var storage = forecasts.First(forecast => forecast.Resource == CapacityResource.Storage);
        Assert.Equal((HealthStatus.Unknown, null), (storage.Status, storage.Projected));
        Assert.True(storage.Current > 0);
        Assert.Contains(storage.Reasons, reason => reason.StartsWith("Insufficient data: 1 day, 7 needed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("30d", 30)]
    [InlineData("'14d'", 14)]
    public void One_looks_as_far_ahead_as_asked_and_at_what_was_asked_for(string projection, int days)
    {
        var forecast = Assert.IsType<CapacityForecast>(Assert.Single(Run($"Get-CapacityForecast TransactionIds -Target $target -Projection {projection}").Output).BaseObject);
        Assert.Equal((CapacityResource.TransactionIds, TimeSpan.FromDays(days)), (forecast.Resource, forecast.Projection));
    }

    [Theory]
    [InlineData("Get-CapacityForecast -Target $target -Projection 1h", "InvalidArgument,")]
    [InlineData("Get-CapacityForecast -Target $target -Projection 900d", "InvalidArgument,")]
    [InlineData("Get-CapacityForecast -Target $target -Projection -3d", "ParameterArgumentTransformationError,")]
    [InlineData("Get-CapacityForecast -Target nowhere", "TargetNotFound,")]
    public void What_cannot_be_forecast_is_an_error_of_its_target(string script, string error) =>
        Assert.StartsWith(error, Assert.Single(Run(script).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public void That_nothing_was_piped_in_is_said_and_the_old_page_too()
    {
        var path = Path.Combine(_folder, "old.html");
        File.WriteAllText(path, "of yesterday");
        var result = Run("Get-CapacityForecast TransactionIds -Target $target | Where-Object Status -eq Nope | Export-MaintenanceReport -Path \"$folder/old.html\" -Force");
        Assert.Empty(result.Errors);
        Assert.Equal($"Nothing was piped in, so no report was written. {path} was there before and is as it was: it says nothing of now.", Assert.Single(result.Warnings));
        Assert.Equal("of yesterday", File.ReadAllText(path));
    }

    // PowerShell makes numbers of these: 100 ns each, if nobody minds.
    [Theory]
    [InlineData("5")]
    [InlineData("-5")]
    [InlineData("0.005")]
    [InlineData("10y")]
    [InlineData("10kb")]
    public void A_number_without_a_unit_is_no_duration(string text) =>
        Assert.Matches($"'({System.Text.RegularExpressions.Regex.Escape(text)}|10240)' is no duration\\. Write it as 30s, 15m, 1\\.5h, 1h30m, 7d, 2 weeks or 24:00:00\\.", Assert.Single(Run($"New-PerformanceTrendReport -Target $target -Window {text}").Errors).Exception.Message);

    [Theory]
    [InlineData("abc")]
    [InlineData("7 months")]
    [InlineData("7")]
    [InlineData("-5")]
    public void What_is_no_duration_is_told_how_one_is_written(string text) =>
        Assert.Contains($"'{text}' is no duration. Write it as 30s, 15m, 1.5h, 1h30m, 7d, 2 weeks or 24:00:00.", Assert.Single(Run($"New-PerformanceTrendReport -Target $target -Window '{text}'").Errors).Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void A_figure_that_nobody_takes_is_an_error_that_names_those_there_are()
    {
        var error = Assert.Single(Run("Get-PerformanceSample nope, connections, public.no_table, nope* -Target $target").Errors);
        Assert.Equal(("InvalidArgument,Maintenance.Commands.GetPerformanceSampleCommand", "No figure is called 'nope'."), (error.FullyQualifiedErrorId, error.Exception.Message));
        Assert.Contains("connections, database_size_bytes", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Forecasts_make_a_report_of_their_own()
    {
        var result = Run("Get-CapacityForecast -Target $target | Export-MaintenanceReport -Path (\"$folder/capacity.html\")");
        Assert.Empty(result.Errors);
        var html = File.ReadAllText(Path.Combine(_folder, "capacity.html"));
        Assert.Contains("What runs out, and when", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_is_published_on_request_and_not_under_WhatIf()
    {
        Assert.Empty(Run("Get-CapacityForecast Storage -Target $target -Publish -WhatIf").Errors);
        Assert.False(Directory.Exists(Path.Combine(_folder, "performance-reports")));
        Assert.Empty(Run("Get-CapacityForecast Storage -Target $target -Publish").Errors);
        var folder = Path.Combine(_folder, "performance-reports", "capacity");
        Assert.EndsWith("-storage.md", Assert.Single(Directory.GetFiles(folder, "capacity-*.md")), StringComparison.Ordinal);

        CapacityForecast Whole() => Assert.IsType<CapacityForecast>(Run("Get-CapacityForecast -Target $target -Publish").Output[0].BaseObject);
        Assert.All(Whole().Published, artifact => Assert.Equal(ArtifactState.Published, artifact.State));
        var again = Whole().Published;
        Assert.Equal(["md", "html", "json"], again.Select(artifact => artifact.Name.Split('.')[^1]));
        Assert.All(again, artifact => Assert.Equal((ArtifactState.Replaced, Target.Name), (artifact.State, artifact.Metadata["target"])));
        Assert.Equal(6, Directory.GetFiles(folder).Count(file => !file.EndsWith(".sha256", StringComparison.Ordinal) && !file.Contains("metadata", StringComparison.Ordinal)));
    }
}
