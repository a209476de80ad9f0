using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Maintenance.ModuleTests.Analytics;

/// <summary>Get-ComplianceReport, with a function that says it has resolved what is still there.</summary>
public sealed class ComplianceCmdletTests(SandboxFixture fixture) : IAsyncLifetime
{
    private readonly ModuleRunspace _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-compliance-").FullName;
    private readonly List<string> _asked = [];
    private HttpListener _listener = null!;
    private Task _serving = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            _listener = new HttpListener();
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Another program was faster.
            }
        }

        _serving = Task.Run(ServeAsync);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        _listener.Close();
        await _serving;
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_the_function_only_says_it_resolved_is_not_resolved()
    {
        var resolution = One("Get-ComplianceReport -Type Quick -AutoResolveLow -Confirm:$false").Resolution!;

        Assert.Equal((ComplianceResolutionState.NotResolved, 2L), (resolution.State, resolution.ClaimedCount));
        Assert.Equal([ComplianceIssueState.StillThere, ComplianceIssueState.NotTouched], resolution.Issues.Select(issue => issue.State));
        Assert.Contains("auto_resolve_issues", _asked);
    }

    [Fact]
    public void Under_WhatIf_the_issues_are_shown_and_the_function_is_not_asked_to_resolve_them()
    {
        var report = One("Get-ComplianceReport -Type Quick -AutoResolveLow -WhatIf");

        Assert.Equal((ComplianceResolutionState.Planned, 98d), (report.Resolution!.State, report.FunctionScore));
        Assert.Equal(2, report.Resolution.Issues.Count);
        Assert.DoesNotContain("auto_resolve_issues", _asked);
    }

    [Fact]
    public void Without_the_switch_nothing_is_asked_of_issues_and_the_old_name_of_the_parameter_serves()
    {
        var report = One("Get-ComplianceReport -ReportType Daily");

        Assert.Null(report.Resolution);
        Assert.Equal(["compliance_report"], _asked);
        Assert.Equal((MeasurementSource.Database, 98d), (report.Source, report.FunctionScore));
        Assert.NotNull(report.RetentionPercent);
    }

    [Fact]
    public void Without_functions_it_says_what_cannot_be_done()
    {
        var report = One("Get-ComplianceReport Quick -AutoResolveLow -Confirm:$false", functions: false);
        Assert.Equal(ComplianceResolutionState.NotPossible, report.Resolution!.State);
        Assert.NotNull(report.Score);
    }

    [Fact]
    public void The_database_alone_and_resolving_in_the_function_do_not_go_together()
    {
        Connect(functions: true);
        var result = _session.Run("Get-ComplianceReport -Source Database -AutoResolveLow -Confirm:$false -ErrorAction Stop");
        Assert.Contains("-Source Database", result.Terminating!.Message, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    [Fact]
    public void Findings_filter_and_sort_as_objects()
    {
        Connect();
        var failed = _session.Invoke("(Get-ComplianceReport -Type Monthly -Source Database).Findings | Where-Object { $_.Outcome -eq 'Fail' -and $_.Id -like 'GDPR-*' }");
        Assert.NotEmpty(failed);
        Assert.All(failed, finding => Assert.NotEmpty(((Finding)finding.BaseObject).Mappings));
    }

    private ComplianceReport One(string command, bool functions = true)
    {
        Connect(functions);
        return (ComplianceReport)Assert.Single(_session.Invoke(command)).BaseObject;
    }

    private void Connect(bool functions = false)
    {
        var file = Path.Combine(_folder, "maintenance.json");
        var connection = fixture.Sandbox;
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            targets = new Dictionary<string, object>
            {
                ["system"] = new Dictionary<string, object?>
                {
                    ["database"] = new { host = connection.Host, port = connection.Port, database = connection.Database, username = connection.Username, sslMode = "Disable" },
                    ["history"] = new { kind = "None" },
                }.Concat(functions ? [new KeyValuePair<string, object?>("functions", new { baseUri = $"{_listener.Prefixes.Single()}v1" })] : []).ToDictionary(),
            },
        }));
        _session.Invoke(
            "Connect-MaintenanceTarget -Path $file -Name system -Credential ([pscredential]::new($user, [System.Net.NetworkCredential]::new('', $password).SecurePassword))",
            ("file", file),
            ("user", connection.Username),
            ("password", fixture.Password));
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var action = (await JsonDocument.ParseAsync(context.Request.InputStream)).RootElement.GetProperty("action").GetString()!;
            _asked.Add(action);
            var body = Encoding.UTF8.GetBytes(action switch
            {
                "compliance_report" => """{"result":{"compliance_score":98,"action_items":[{"action":"a","priority":2}]}}""",
                "get_compliance_issues" => """{"result":{"issues":[{"issue":"2 banners are old","severity":"low"},{"issue":"a request is overdue","severity":"high"}]}}""",
                _ => """{"result":{"resolved_count":2}}""",
            });
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
    }
}
