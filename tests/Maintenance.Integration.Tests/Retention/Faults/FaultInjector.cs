using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Retention;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>Begins runs, and makes them fail.</summary>
internal static class FaultInjector
{
    private const string Retention = "Maintenance/Invoke-DbRetention";
    private const string Restore = "Maintenance/Restore-DbArchive";

    private static readonly string Runner = typeof(FaultInjector).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "FaultRunner").Value!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Lets a run begin, and fail; one that comes to its end before that is followed by others, which have more to do and fail earlier.</summary>
    /// <returns>How many runs it took; null if none of them failed.</returns>
    public static async Task<int?> StrikeAsync(FaultBench bench, Writers writers)
    {
        for (var attempt = 0; attempt < 6; attempt++)
        {
            var (occurrence, delay) = (Math.Max(1, bench.Case.Occurrence - 2 * attempt), bench.Case.Delay / (1 + attempt));
            var failed = bench.Case.Event is FaultEvent.ProcessAtStep or FaultEvent.ProcessAtAnyTime
                ? await KillProcessAsync(bench, occurrence, delay)
                : await BreakAsync(bench, occurrence, delay);
            if (failed)
            {
                return attempt + 1;
            }

            await writers.AddAsync(bench.Case.Rows);
            await bench.PrepareAsync();
        }

        return null;
    }

    private static async Task<bool> KillProcessAsync(FaultBench bench, int occurrence, TimeSpan delay)
    {
        var request = bench.Case.Event == FaultEvent.ProcessAtStep ? bench.Request with { Point = bench.Case.Point, Occurrence = occurrence } : bench.Request;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Runner]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(request));
            process.StandardInput.Close();
            var first = await process.StandardOutput.ReadLineAsync(Token);
            if (bench.Case.Event == FaultEvent.ProcessAtAnyTime && first == "begun")
            {
                await Task.Delay(delay, Token);
                process.Kill();
            }

            var rest = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            // 128 and the number of SIGKILL.
            Assert.True(process.ExitCode is 0 or 137, $"The process ended with {process.ExitCode}: {first} {rest}");
            return process.ExitCode != 0;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    // What breaks is outside of the process, so the run can be in this one.
    private static async Task<bool> BreakAsync(FaultBench bench, int occurrence, TimeSpan delay)
    {
        var reached = 0;
        var broken = 0;
        var beside = Task.CompletedTask;
        await using var killer = await bench.OpenAsync();
        try
        {
            await using var engine = new MaintenanceEngine();
            await bench.Request.RunAsync(engine, ReachedAsync, Token);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.DatabaseUnreachable || bench.Store is not null)
        {
            // It noticed.
        }

        await beside;
        bench.Store?.Repair();
        return broken > 0;

        async ValueTask ReachedAsync(FaultPoint point)
        {
            var isAtAnyTime = bench.Case.Event is FaultEvent.WorkerAtAnyTime or FaultEvent.StoreAtAnyTime;
            if ((bench.Case.Point is { } awaited && point != awaited) || ++reached != (isAtAnyTime ? 1 : occurrence))
            {
                return;
            }

            if (isAtAnyTime)
            {
                beside = LaterAsync();
                return;
            }

            await StrikeAsync();
            if (bench.Case.Event == FaultEvent.LockAndSecondRun)
            {
                beside = bench.RunAsync();
            }
        }

        async Task LaterAsync()
        {
            await Task.Delay(delay);
            await StrikeAsync();
        }

        async Task StrikeAsync()
        {
            if (bench.Case.Event is FaultEvent.StoreAtStep or FaultEvent.StoreAtAnyTime)
            {
                bench.Store!.Break();
                broken++;
                return;
            }

            var worker = bench.Case.IsRestore ? Restore : Retention;
            var application = bench.Case.Event switch
            {
                FaultEvent.LockAndSecondRun => $"{Retention} lock",
                FaultEvent.Watchdog => $"{worker} watchdog",
                _ => worker,
            };
            await using var command = new NpgsqlCommand("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", killer);
            command.Parameters.Add(new() { Value = application });
            broken += (int)(long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
        }
    }
}
