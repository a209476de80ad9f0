using System.Management.Automation;
using System.Net;
using System.Net.Sockets;

namespace Maintenance.ModuleTests.Boundary;

/// <summary>Ctrl+C while the engine waits for a server that took the connection and says nothing.</summary>
public sealed class CancellationTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);

    public CancellationTests() => _silent.Start();

    private int Port => ((IPEndPoint)_silent.LocalEndpoint).Port;

    public static TheoryData<string> WaitingCommands =>
    [
        "Get-DbHealth -TimeoutSeconds 60",
        "Get-DbSession -TimeoutSeconds 60",
        "Stop-DbSession 1 -TimeoutSeconds 60 -Confirm:$false",
        "Get-SystemHealth -TimeoutSeconds 60",
        "Invoke-MaintenanceTask Daily -TimeoutSeconds 60",
        "Connect-MaintenanceTarget -Name again -HostName 127.0.0.1 -Port $port",
    ];

    [Theory]
    [MemberData(nameof(WaitingCommands))]
    public async Task Stopping_closes_the_connection_and_brings_the_prompt_back_without_an_error(string command)
    {
        var folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "maintenance.json");
            await File.WriteAllTextAsync(
                file,
                $$"""
                { "targets": { "silent": {
                    "database": { "host": "127.0.0.1", "port": {{Port}}, "connectTimeout": "8s" },
                    "excludedComponents": ["Backups", "Functions", "Errors", "Resources", "Compliance"],
                    "history": { "path": {{System.Text.Json.JsonSerializer.Serialize(Path.Combine(folder, "history.db"))}} } } } }
                """,
                TestContext.Current.CancellationToken);
            _runspace.Invoke("Connect-MaintenanceTarget -Path $file -Name silent -SkipTest", ("file", file), ("port", Port));

            using var shell = _runspace.Create(command);
            var running = shell.BeginInvoke();
            using var connection = await _silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            var asked = TimeProvider.System.GetTimestamp();
            await Task.Factory.FromAsync(shell.BeginStop, shell.EndStop, null);

            Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(4), "The prompt came back with the connect timeout, not with the stop.");
            Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
            Assert.Empty(shell.Streams.Error);
            Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
            // The driver lets go of a server that never spoke at the connect timeout.
            Assert.True(await IsClosedAsync(connection), "The connection is still open.");
            Assert.False(_silent.Pending(), "The engine went on connecting after the prompt was back.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Work_of_more_than_a_second_shows_progress_and_ends_it()
    {
        var result = _runspace.Run(
            "Connect-MaintenanceTarget -Name silent -HostName 127.0.0.1 -Port $port -SkipTest | Get-DbHealth -TimeoutSeconds 2", ("port", Port));
        Assert.StartsWith("DeadlineExceeded,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(result.Progress, record => record.Activity == "Get-DbHealth" && record.RecordType == ProgressRecordType.Processing);
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    public void Dispose()
    {
        _silent.Dispose();
        _runspace.Dispose();
    }

    private static async Task<bool> IsClosedAsync(TcpClient connection)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var buffer = new byte[1024];
        try
        {
            while (await connection.GetStream().ReadAsync(buffer, patience.Token) > 0)
            {
                // What was sent before the stop.
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
