using System.Management.Automation;
using System.Xml.Linq;

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
    public void Each_measures_the_connected_target_and_every_cell_of_its_views_can_be_shown(string command, Type type)
    {
        Connect();

        var measured = Assert.Single(_session.Invoke($"{command} -Source Database"));

        var measurement = Assert.IsAssignableFrom<Measurement>(measured.BaseObject);
        Assert.IsType(type, measurement);
        Assert.Equal((MeasurementSource.Database, "system"), (measurement.Source, measurement.Target));
        var views = XDocument.Load(Path.Combine(ModuleRunspace.ModuleFolder, "Maintenance.Format.ps1xml"))
            .Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == type.FullName)).ToList();
        Assert.Equal(type == typeof(ResourceUsage) ? 2 : 3, views.Count);
        Assert.All(views.Descendants("PropertyName"), name => Assert.NotNull(type.GetProperty(name.Value)));
        var texts = views.Descendants("ScriptBlock").Select(script => Assert.Single(_session.Invoke($"[string](,$measured | ForEach-Object {{ {script.Value} }})", ("measured", measured))).ToString()).ToList();
        Assert.Contains("The database was asked for.", texts);
    }

    [Fact]
    public void A_window_is_written_as_in_the_configuration()
    {
        Connect();
        var measured = (ErrorAnalytics)Assert.Single(_session.Invoke("Get-ErrorAnalytics -Window 24:00:00 -Source Database")).BaseObject;
        Assert.Equal(TimeSpan.FromDays(1), measured.Window);
    }

    [Theory]
    [InlineData("15m", "00:15:00")]
    [InlineData("7d", "7.00:00:00")]
    [InlineData("'7d'", "7.00:00:00")]
    [InlineData("([timespan]::FromDays(2))", "2.00:00:00")]
    public void A_number_of_days_is_not_taken_for_a_decimal_number(string window, string expected)
    {
        Connect();
        var measured = (ResourceUsage)Assert.Single(_session.Invoke($"Get-ResourceUsage -Source Database -Window {window}")).BaseObject;
        Assert.Equal(TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), measured.Window);
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
