using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Maintenance.Engine.Scheduling.Agent;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>What an agent tells on the loopback address, and to whom.</summary>
public sealed partial class AgentEndpointTests : IAsyncDisposable
{
    private readonly AgentState _state = new(TimeProvider.System);
    private readonly AgentEndpoint _endpoint;
    private readonly HttpClient _client = new();

    public AgentEndpointTests()
    {
        _endpoint = AgentEndpoint.Start(0, _state, _ => Task.FromResult("<!doctype html><title>page</title>"), TimeProvider.System);
        _client.BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_endpoint.Port}/"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _endpoint.DisposeAsync();
    }

    [Fact]
    public async Task Health_is_ok_in_trouble_or_draining()
    {
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("healthz"));
        _state.Trouble = "The job store cannot be reached.";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The job store cannot be reached.\n"), await GetAsync("healthz"));
        _state.Trouble = null;
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("healthz")).Status);
        _state.IsDraining = true;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining\n"), await GetAsync("healthz"));
    }

    [Fact]
    public async Task Metrics_are_in_the_text_format_of_Prometheus()
    {
        var run = new MaintenanceRun { Id = Guid.NewGuid(), Task = "Odd \"task\"\\\n", Target = "t", Status = HealthStatus.Warning, Steps = [], StartedAt = DateTimeOffset.UnixEpoch, Duration = TimeSpan.FromSeconds(1.5), Machine = "m", ModuleVersion = "1", Message = "" };
        _state.Ended(run);
        _state.Ended(run);
        _state.Count(AgentEventKind.Lost, "Daily");
        using var response = await _client.GetAsync("metrics", Token);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        string? family = null;
        var types = new HashSet<string>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                var words = line.Split(' ', 4);
                family = words[2];
                Assert.True(words[1] != "TYPE" || (types.Add(family) && words[3] is "gauge" or "counter" or "summary"), line);
                continue;
            }

            Assert.Matches(Sample(), line);
            // A sample stands below the head of its own family.
            Assert.StartsWith(family!, line, StringComparison.Ordinal);
        }

        Assert.Contains("maintenance_agent_runs_total{task=\"Odd \\\"task\\\"\\\\\\n\",status=\"warning\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("maintenance_agent_run_duration_seconds_sum{task=\"Odd \\\"task\\\"\\\\\\n\"} 3", text, StringComparison.Ordinal);
        Assert.Contains("maintenance_agent_events_total{kind=\"lost\",task=\"Daily\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("maintenance_agent_up 1", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    public async Task It_is_read_only(string verb)
    {
        foreach (var path in new[] { "", "healthz", "metrics" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), path);
            using var response = await _client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
        }
    }

    [Fact]
    public async Task The_page_runs_no_scripts_and_is_kept_by_nobody()
    {
        using var response = await _client.GetAsync("", Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-store", Assert.Single(response.Headers.GetValues("Cache-Control")));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("etc/passwd")).Status);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80")]
    [InlineData("192.0.2.1")]
    public async Task A_request_under_another_name_is_refused(string host)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _endpoint.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), Token);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Token);
        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("maintenance_agent_up", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_listens_on_the_loopback_address_alone()
    {
        var others = NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(address => address.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)).ToList();
        Assert.DoesNotContain(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), listener => listener.Port == _endpoint.Port && !IPAddress.IsLoopback(listener.Address));
        foreach (var address in others)
        {
            using var client = new TcpClient();
            await Assert.ThrowsAnyAsync<SocketException>(() => client.ConnectAsync(address, _endpoint.Port, Token).AsTask());
        }
    }

    [Fact]
    public void A_port_that_is_taken_is_told()
    {
        var problem = Assert.Throws<MaintenanceException>(() => AgentEndpoint.Start(_endpoint.Port, _state, _ => Task.FromResult(""), TimeProvider.System));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, problem.Code);
    }

    [GeneratedRegex("""\A[a-z_]+(\{[a-z_]+="([^"\\]|\\["\\n])*"(,[a-z_]+="([^"\\]|\\["\\n])*")*\})? -?[0-9]+(\.[0-9]+)?\z""")]
    private static partial Regex Sample();

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var response = await _client.GetAsync(path, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
