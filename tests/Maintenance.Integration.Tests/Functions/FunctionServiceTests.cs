using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Maintenance.Engine;
using Maintenance.Engine.Functions;

namespace Maintenance.IntegrationTests.Functions;

/// <summary>The functions client against raw answers over a real socket: what servers and proxies really send.</summary>
public sealed class FunctionServiceTests : IAsyncDisposable
{
    private const string Secret = "secret-7d31";

    private readonly MaintenanceEngine _engine = new();
    private readonly RecordingSink _told = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];
    private Func<int, string> _answer = _ => Json("""{"result":{"error_rate":1}}""");

    public FunctionServiceTests()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    private static string Json(string body, string status = "200 OK", string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    private static string Other(string type, string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    private MaintenanceTarget Target => new()
    {
        Name = "production",
        Functions = new FunctionSettings
        {
            BaseUri = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/functions/v1"),
            BearerToken = SecretReference.FromSecureString(new NetworkCredential("", Secret).SecurePassword),
            ApiKey = SecretReference.FromSecureString(new NetworkCredential("", $"key-{Secret}").SecurePassword),
        },
    };

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var buffer = new byte[64 * 1024];
                var request = new StringBuilder();
                do
                {
                    request.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, _stop.Token)));
                }
                while (!request.ToString().EndsWith('}'));

                _requests.Add(request.ToString());
                var answer = _answer(_requests.Count);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
                if (answer.Contains("X-Hang", StringComparison.Ordinal))
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
        }
    }

    private Task<EdgeFunctionResponse> AskAsync(string action = "get_error_rate", string function = "error-tracking", TimeSpan? timeout = null) =>
        _engine.Functions.InvokeAsync(Target, function, action, new Dictionary<string, object?> { ["time_window"] = "15m", ["action"] = "evil" }, Calls.To(_told, timeout ?? TimeSpan.FromSeconds(8)), TestContext.Current.CancellationToken);

    private async Task<MaintenanceException> FailsAsync(string answer, string action = "get_error_rate", TimeSpan? timeout = null)
    {
        _answer = _ => answer;
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => AskAsync(action, timeout: timeout));
        Assert.DoesNotContain(Secret, exception + string.Concat(_told.VerboseMessages), StringComparison.Ordinal);
        Assert.DoesNotContain("alice@example.com", exception.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(exception.Recommendation);
        return exception;
    }

    [Fact]
    public async Task A_question_has_both_keys_its_action_and_its_arguments()
    {
        var response = await AskAsync();
        Assert.Equal(1, Assert.IsType<ErrorRateResult>(response.Result).ErrorRate);
        var request = Assert.Single(_requests);
        Assert.StartsWith("POST /functions/v1/error-tracking HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {Secret}", request, StringComparison.Ordinal);
        Assert.Contains($"apikey: key-{Secret}", request, StringComparison.Ordinal);
        Assert.Contains("\"time_window\":\"15m\"", request, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"get_error_rate\"", request, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_way_to_fail_has_its_own_code()
    {
        Assert.Equal(MaintenanceErrorCode.FunctionAuthenticationFailed, (await FailsAsync(Json("""{"msg":"alice@example.com"}""", "401 Unauthorized"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionAuthenticationFailed, (await FailsAsync(Json("{}", "403 Forbidden"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionNotFound, (await FailsAsync(Json("{}", "404 Not Found"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionRejected, (await FailsAsync(Json("{}", "400 Bad Request"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionRejected, (await FailsAsync(Json("", "302 Found", "Location: http://127.0.0.1:1/\r\n"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionContentType, (await FailsAsync(Other("text/html", "<h1>alice@example.com</h1>"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyEmpty, (await FailsAsync(Json(""))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyEmpty, (await FailsAsync(Other("text/html", " \r\n"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyInvalid, (await FailsAsync(Json("""{"result":"alice@example.com" """))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyInvalid, (await FailsAsync(Json("[1]"))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyInvalid, (await FailsAsync(Json("""{"result":{}} trailing"""))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyInvalid, (await FailsAsync(Json("""{"a":1,"a":2}"""))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyInvalid, (await FailsAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{\u00ff}")).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionBodyTooLarge, (await FailsAsync(Json($$"""{"result":"{{new string('x', FunctionAnswer.MaximumBytes)}}"}"""))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionFieldMissing, (await FailsAsync(Json("""{"result":{}}"""))).Code);
        Assert.Equal(MaintenanceErrorCode.FunctionFieldNull, (await FailsAsync(Json("""{"result":{"error_rate":null}}"""))).Code);
    }

    [Fact]
    public async Task What_only_reads_is_asked_three_times_and_what_changes_something_once()
    {
        var exception = await FailsAsync(Json("{}", "500 Internal Server Error"));
        Assert.Equal(MaintenanceErrorCode.FunctionFailed, exception.Code);
        Assert.Equal(3, _requests.Count);
        foreach (var (function, action) in new[] { ("database-scalability", "optimize_performance"), ("gdpr-compliance", "auto_resolve_issues"), ("production-monitoring", "update_baselines"), ("my-own", "anything") })
        {
            _requests.Clear();
            await Assert.ThrowsAsync<MaintenanceException>(() => AskAsync(action, function));
            Assert.Single(_requests);
        }
    }

    [Fact]
    public async Task A_failure_that_passes_is_not_seen()
    {
        _answer = number => number < 3 ? Json("{}", "503 Service Unavailable") : Json("""{"result":{"error_rate":2}}""");
        var response = await AskAsync();
        Assert.Equal((2, 3), (((ErrorRateResult)response.Result!).ErrorRate, response.Attempts));
    }

    [Fact]
    public async Task Retry_After_is_honoured_and_never_waited_for_beyond_the_deadline()
    {
        _answer = number => number == 1 ? Json("{}", "429 Too Many Requests", "Retry-After: 1\r\n") : Json("""{"result":{"error_rate":2}}""");
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(2, (await AskAsync()).Attempts);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(0.95));

        _requests.Clear();
        started = TimeProvider.System.GetTimestamp();
        var exception = await FailsAsync(Json("{}", "429 Too Many Requests", "Retry-After: 3600\r\n"));
        Assert.Equal(MaintenanceErrorCode.FunctionThrottled, exception.Code);
        Assert.Single(_requests);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_function_that_hangs_in_the_middle_ends_at_the_deadline()
    {
        var exception = await FailsAsync("HTTP/1.1 200 OK\r\nX-Hang: 1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", timeout: TimeSpan.FromSeconds(1));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, exception.Code);
    }

    [Fact]
    public async Task A_function_that_fails_again_and_again_is_left_alone()
    {
        _answer = _ => Json("{}", "500 Internal Server Error");
        await Assert.ThrowsAsync<MaintenanceException>(() => AskAsync());
        await Assert.ThrowsAsync<MaintenanceException>(() => AskAsync());
        var asked = _requests.Count;
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => AskAsync());
        Assert.Equal(MaintenanceErrorCode.FunctionCircuitOpen, exception.Code);
        Assert.Equal(asked, _requests.Count);
        // Another function of the same project is none the worse for it, and a test asks all the same.
        _answer = _ => Json("""{"status":"healthy"}""");
        Assert.NotNull((await AskAsync("health_check", "gdpr-compliance")).Result);
        Assert.Equal(HealthStatus.Ok, (await _engine.Functions.TestAsync(Target, ["error-tracking"], Calls.Silent(), TestContext.Current.CancellationToken))[0].Status);
    }

    [Fact]
    public async Task Nobody_there_is_critical_and_a_name_that_nobody_knows_is_unknown()
    {
        var target = Target with { Functions = Target.Functions! with { BaseUri = new Uri("http://127.0.0.1:1/functions/v1") } };
        var tested = await _engine.Functions.TestAsync(target, null, Calls.Silent(), TestContext.Current.CancellationToken);
        Assert.Equal(4, tested.Count);
        Assert.All(tested, function => Assert.Equal((HealthStatus.Critical, MaintenanceErrorCode.FunctionUnreachable), (function.Status, function.Error!.Value)));
        var nowhere = Target with { Functions = Target.Functions! with { BaseUri = new Uri("http://nowhere.invalid/functions/v1") } };
        Assert.All(await _engine.Functions.TestAsync(nowhere, null, Calls.Silent(), TestContext.Current.CancellationToken), function => Assert.Equal(HealthStatus.Unknown, function.Status));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_trusted_and_its_end_is_told()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(5));
        // Windows wants the key out of a file.
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await using var secure = new SslStream(client.GetStream());
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await secure.AuthenticateAsServerAsync(certificate);
                Assert.NotEqual(0, await secure.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
            });
        }, TestContext.Current.CancellationToken);
        var target = Target with { Functions = Target.Functions! with { BaseUri = new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/functions/v1") } };
        var health = Assert.Single(await _engine.Functions.TestAsync(target, ["error-tracking"], Calls.Silent(), TestContext.Current.CancellationToken));
        Assert.Equal((HealthStatus.Unknown, MaintenanceErrorCode.FunctionUnreachable), (health.Status, health.Error!.Value));
        Assert.Contains("certificate is not trusted", health.Message, StringComparison.Ordinal);
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), health.CertificateExpires!.Value.UtcDateTime);
        await serving;
    }

    [Theory]
    [InlineData("../auth/v1/admin")]
    [InlineData("a b")]
    [InlineData("x?y=1")]
    [InlineData("x\r\nHost: evil")]
    public async Task A_name_cannot_lead_elsewhere(string name)
    {
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => AskAsync("health_check", name));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, exception.Code);
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task Unknown_actions_give_plain_objects()
    {
        _answer = _ => Json("""{"a":[1,{"b":null}],"c":2.5,"d":"2026-01-01T00:00:00Z","e":true}""");
        var fields = Assert.IsType<System.Collections.IDictionary>((await AskAsync("anything", "my-own")).Result, exactMatch: false);
        Assert.Equal([1L, 2.5, "2026-01-01T00:00:00Z", true], [((object[])fields["a"]!)[0], fields["c"]!, fields["d"]!, fields["e"]!]);
    }

    [Fact]
    public async Task Each_test_is_one_request_with_its_phases()
    {
        _answer = _ => Json("""{"status":"healthy"}""");
        var health = Assert.Single(await _engine.Functions.TestAsync(Target, ["error-tracking"], Calls.Silent(), TestContext.Current.CancellationToken));
        Assert.Single(_requests);
        Assert.Equal((HealthStatus.Ok, 200, "healthy"), (health.Status, health.StatusCode!.Value, health.ReportedStatus));
        Assert.True(health.ConnectTime > TimeSpan.Zero && health.FirstByteTime > TimeSpan.Zero && health.TotalTime >= health.FirstByteTime);
        Assert.Null(health.TlsTime);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _engine.DisposeAsync();
        _stop.Dispose();
    }
}
