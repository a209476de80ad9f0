using System.Net;
using System.Net.Sockets;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>Archives that did not come to their end, and the next run.</summary>
public sealed class ArchiveRecoveryTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15, nameof(FaultPoint.ArchiveRegistered), false)]
    [InlineData(18, nameof(FaultPoint.PartStaged), true)]
    [InlineData(15, nameof(FaultPoint.PartStored), true)]
    [InlineData(15, nameof(FaultPoint.PartTaken), false)]
    [InlineData(18, nameof(FaultPoint.PartTaken), true)]
    [InlineData(18, nameof(FaultPoint.PartCommitted), false)]
    [InlineData(15, nameof(FaultPoint.ManifestStored), true)]
    [InlineData(18, nameof(FaultPoint.ArchiveFinished), false)]
    public async Task When_its_sessions_are_ended_anywhere_the_next_run_brings_every_row_to_one_place(int major, string reached, bool blob)
    {
        var point = Enum.Parse<FaultPoint>(reached);
        await using var archive = await ArchiveBench.StartAsync(fixture, major, ArchiveBench.Table(6000), blob);
        archive.Bench.At(point, async time =>
        {
            // The second part, where there are several.
            if (time == 2 || point is FaultPoint.ArchiveRegistered or FaultPoint.ManifestStored or FaultPoint.ArchiveFinished)
            {
                await archive.KillOursAsync();
            }
        });
        try
        {
            var broken = await archive.Bench.RunAsync(ArchiveBench.Policy);
            Assert.NotEqual(StepState.Done, broken.State);
        }
        catch (MaintenanceException exception)
        {
            Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, exception.Code);
        }

        archive.Bench.At(point, _ => Task.CompletedTask);
        var results = await archive.RunAllAsync(ArchiveBench.Policy);
        Assert.All(results, result => Assert.True(result.State is StepState.Done or StepState.Skipped, result.Message));
        Assert.Equal(5990, await archive.LoadAsync());
        Assert.Equal(5990, await archive.Bench.Admin.ScalarAsync<long>("SELECT count(DISTINCT id) FROM back"));
        Assert.Equal(10, await archive.Bench.CountAsync("t"));
        Assert.Equal(0, await archive.Bench.CountAsync("maintenance.archives", "finished_at IS NULL"));
        await archive.Bench.AssertNothingRunsAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_of_a_run_that_was_killed_go_if_their_rows_never_left_and_stay_if_they_did(bool blob)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(1000), blob);
        var committed = await LeaveUnfinishedAsync(archive);
        var store = await archive.StoreAsync();
        await store.PutAsync(committed.Replace("part-00001", "part-00002", StringComparison.Ordinal), new byte[] { 1 }, "application/gzip", Token);
        await store.PutAsync(committed.Replace("part-00001.csv.gz", ".part-00003.csv.gz.0.tmp", StringComparison.Ordinal), new byte[] { 1 }, "application/gzip", Token);

        // Any run does it, also one with another policy.
        var results = await archive.RunAllAsync(RetentionBench.Policy());
        Assert.Equal(StepState.Skipped, Assert.Single(results).State);
        Assert.Contains(archive.Bench.Sink.Warnings, warning => warning.Contains("990 row(s) in 1 file(s)", StringComparison.Ordinal));
        Assert.Equal(990, await archive.LoadAsync());
        Assert.Equal(2, (await archive.FilesAsync()).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_missing_or_damaged_is_critical_in_every_run_until_it_is_back(bool missing)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(1000));
        var committed = await LeaveUnfinishedAsync(archive);
        var path = Path.Combine(archive.Bench.Target.ArchiveStore!.Path!, committed);
        var content = await File.ReadAllBytesAsync(path, Token);
        if (missing)
        {
            File.Delete(path);
        }
        else
        {
            await File.WriteAllBytesAsync(path, [.. content[..^1], (byte)~content[^1]], Token);
        }

        for (var run = 0; run < 2; run++)
        {
            var results = await archive.RunAllAsync(RetentionBench.Policy());
            Assert.Equal((StepState.Failed, MaintenanceErrorCode.ArchiveMismatch, HealthStatus.Critical), (results[0].State, results[0].Error, results[0].Status));
            Assert.Contains(committed, results[0].Message, StringComparison.Ordinal);
            Assert.Contains("990", results[0].Message, StringComparison.Ordinal);
        }

        await File.WriteAllBytesAsync(path, content, Token);
        Assert.Single(await archive.RunAllAsync(RetentionBench.Policy()));
        Assert.Equal(990, await archive.LoadAsync());
    }

    [Fact]
    public async Task While_the_store_cannot_be_asked_nothing_is_known_and_other_policies_go_on()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(1000) + "CREATE TABLE other (at timestamptz); INSERT INTO other SELECT now() - interval '60 days'; CREATE INDEX ON other (at)");
        await LeaveUnfinishedAsync(archive);
        var right = archive.Bench.Target;
        archive.Bench.Target = right with { ArchiveStore = new StoreSettings { Path = right.ArchiveStore!.Path + "-other" } };
        var results = await archive.RunAllAsync(RetentionBench.Policy(table: "public.other"));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.StoreNotFound, HealthStatus.Unknown), (results[0].State, results[0].Error, results[0].Status));
        Assert.Equal((StepState.Done, 1), (results[1].State, results[1].Rows));
        archive.Bench.Target = right;
        Assert.Single(await archive.RunAllAsync(RetentionBench.Policy(table: "public.other")));
        Assert.Equal(990, await archive.LoadAsync());
    }

    [Fact]
    public async Task A_run_whose_archive_was_taken_over_deletes_nothing_more()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(1000));
        archive.Bench.At(FaultPoint.PartStored, async _ =>
        {
            await using var other = await SandboxDatabase.OpenAsync(archive.Bench.Sandbox, archive.Bench.Name);
            await other.ExecuteAsync("UPDATE maintenance.archives SET claim = gen_random_uuid()");
        });
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.AlreadyRunning, 0), (result.State, result.Error, result.Rows));
        Assert.Equal(1000, await archive.Bench.CountAsync("t"));
        Assert.Empty(await archive.FilesAsync());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_store_that_goes_down_in_mid_stream_leaves_the_rows_where_they_are(int major)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, """
            CREATE TABLE t (id int PRIMARY KEY, at timestamptz, v text) WITH (autovacuum_enabled = off);
            INSERT INTO t SELECT n, now() - interval '31 days' - n * interval '1 minute', (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 200) i) FROM generate_series(1, 4000) n;
            CREATE INDEX ON t (at); ANALYZE t;
            """, blob: true);
        var right = archive.Bench.Target.ArchiveStore!;
        await using var line = new BreakableLine(new Uri(right.ServiceUri!.AbsoluteUri).Port);
        var container = right.Container!;
        var connection = right.ConnectionString!;
        var text = await Maintenance.Engine.Configuration.Secrets.ReadAsync(connection, new NoVault(), Token);
        var through = SecretReference.FromSecureString(new NetworkCredential("", text.Replace($":{line.ServerPort}/", $":{line.Port}/", StringComparison.Ordinal)).SecurePassword);
        archive.Bench.Target = archive.Bench.Target with { ArchiveStore = right with { ConnectionString = through, Container = container } };
        // After the first blocks of the second part.
        archive.Bench.At(FaultPoint.PartStored, time =>
        {
            line.BreakAfter(3_000_000);
            return Task.CompletedTask;
        });
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.StoreUnreachable), (result.State, result.Error));
        Assert.Equal(4000, result.Rows + await archive.Bench.CountAsync("t"));
        Assert.DoesNotContain("AccountKey", $"{result.Message}{result.Recommendation}{string.Join('\n', archive.Bench.Sink.VerboseMessages)}", StringComparison.Ordinal);

        line.Mend();
        archive.Bench.At(FaultPoint.PartStored, _ => Task.CompletedTask);
        var next = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.True(next.State == StepState.Done, next.Message);
        Assert.Equal(4000, await archive.LoadAsync());
        Assert.Equal(4000, await archive.Bench.Admin.ScalarAsync<long>("SELECT count(DISTINCT id) FROM back"));
    }

    // All rows but the young ones are in one file; its archive looks as after a kill between the commit and the manifest.
    private static async Task<string> LeaveUnfinishedAsync(ArchiveBench archive)
    {
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.Equal((StepState.Done, 990), (result.State, result.Rows));
        await archive.Bench.Admin.ExecuteAsync("UPDATE maintenance.archives SET finished_at = NULL, manifest = NULL, manifest_sha256 = NULL");
        await (await archive.StoreAsync()).DeleteAsync(result.Manifest!, Token);
        return Assert.Single(await archive.FilesAsync());
    }

    private sealed class NoVault : ISecretVault
    {
        public Task<System.Security.SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>A line to a service that breaks after so many bytes, and takes nobody after that until it is mended.</summary>
    private sealed class BreakableLine : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _accepting;
        private long _left = long.MaxValue;

        public BreakableLine(int serverPort)
        {
            ServerPort = serverPort;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int ServerPort { get; }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void BreakAfter(long bytes) => Interlocked.CompareExchange(ref _left, bytes, long.MaxValue);

        public void Mend() => Interlocked.Exchange(ref _left, long.MaxValue);

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _stopping.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            try
            {
                using (client)
                using (var server = new TcpClient())
                {
                    if (Interlocked.Read(ref _left) <= 0)
                    {
                        return;
                    }

                    await server.ConnectAsync(IPAddress.Loopback, ServerPort, _stopping.Token);
                    await Task.WhenAny(UpAsync(client.GetStream(), server.GetStream()), server.GetStream().CopyToAsync(client.GetStream(), _stopping.Token));
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // One side hung up.
            }
        }

        private async Task UpAsync(NetworkStream client, NetworkStream server)
        {
            var chunk = new byte[64 * 1024];
            while (await client.ReadAsync(chunk, _stopping.Token) is var read and > 0)
            {
                if (Interlocked.Read(ref _left) != long.MaxValue && Interlocked.Add(ref _left, -read) <= 0)
                {
                    return;
                }

                await server.WriteAsync(chunk.AsMemory(0, read), _stopping.Token);
            }
        }
    }
}
