using System.Management.Automation;

namespace Maintenance.ModuleTests.Analytics;

public sealed class AnalyticsCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-analytics-").FullName;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Get-ErrorAnalytics", typeof(ErrorAnalytics))]
    [InlineData("Get-PerformanceMetric -Window 7d", typeof(PerformanceMeasurement))]
    [InlineData("Get-ResourceUsage -Window 15m", typeof(ResourceUsage))]
    [InlineData("Get-ComplianceReport -ReportType Monthly", typeof(ComplianceReport))]
    public void Each_measures_the_connected_target_and_is_shown_as_table_and_list(string command, Type type)
    {
        Connect();

        var result = _session.Run($"{command} -Source Database -OutVariable measured | Out-String -Width 200; $measured | Format-List | Out-String; $measured", ("measured", null));

        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        var measurement = Assert.IsAssignableFrom<Measurement>(result.Output[2].BaseObject);
        Assert.IsType(type, measurement);
        Assert.Equal((MeasurementSource.Database, "system"), (measurement.Source, measurement.Target));
        Assert.Contains("Database", (string)result.Output[0].BaseObject, StringComparison.Ordinal);
        Assert.Contains("SourceReason", (string)result.Output[1].BaseObject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_is_written_as_in_the_configuration()
    {
        Connect();
        var measured = (ErrorAnalytics)Assert.Single(_session.Invoke("Get-ErrorAnalytics -Window 24:00:00 -Source Database")).BaseObject;
        Assert.Equal(TimeSpan.FromDays(1), measured.Window);
    }

    [Theory]
    [InlineData("Get-ErrorAnalytics -Window 0s", "InvalidArgument,")]
    [InlineData("Get-PerformanceMetric -Window 91d", "InvalidArgument,")]
    [InlineData("Get-ResourceUsage -Source Function", "NotConfigured,")]
    public void What_cannot_be_measured_is_an_error_of_its_target(string command, string error)
    {
        Connect();
        Assert.StartsWith(error, Assert.Single(_session.Run(command).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-ErrorAnalytics -Window soon")]
    [InlineData("Get-ErrorAnalytics -Source Guess")]
    [InlineData("Get-ComplianceReport -ReportType Yearly")]
    public void What_makes_no_sense_does_not_bind(string command) =>
        Assert.IsAssignableFrom<ParameterBindingException>(Assert.Single(_session.Run(command).Errors).Exception);

    private void Connect() => _session.Invoke(
        """
        $secret = [System.Net.NetworkCredential]::new('', $password).SecurePassword
        Connect-MaintenanceTarget -Name system -HostName $sandbox.Host -Port $sandbox.Port -Database $sandbox.Database -SslMode Disable -Credential ([pscredential]::new($sandbox.Username, $secret)) -HistoryPath $history
        """,
        ("sandbox", fixture.Sandbox),
        ("password", fixture.Password),
        ("history", Path.Combine(_folder, "history.db")));
}
