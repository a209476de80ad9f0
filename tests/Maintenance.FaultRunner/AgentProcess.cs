#pragma warning disable RS0030 // It speaks to the test that started it, on its standard streams.
using System.Runtime.InteropServices;
using Maintenance.Engine;

namespace Maintenance.FaultRunner;

/// <summary>An agent in a process of its own: says that it has begun, what it ran, and that it ended; SIGTERM asks it to end.</summary>
internal static class AgentProcess
{
    public static async Task RunAsync(AgentRequest request)
    {
        using var ending = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            ending.Cancel();
        });
        await using var engine = new MaintenanceEngine();
        try
        {
            await request.RunAsync(engine, new Loud(), agent => SayAsync($"started {agent.Endpoint}"), run => SayAsync($"run {run.Target} {run.Task} {run.Status} {run.Message}"), ending.Token);
            await SayAsync("ended");
        }
        catch (MaintenanceException exception)
        {
            await SayAsync($"{exception.Code}: {exception.Message}");
        }
    }

    private static Task SayAsync(string line) => Console.Out.WriteLineAsync(line);

    private sealed class Loud : IMaintenanceSink
    {
        public void Verbose(string message) => Console.Out.WriteLine($"verbose {message}");

        public void Warning(string message) => Console.Out.WriteLine($"warning {message}");

        public void Progress(ProgressUpdate progress)
        {
        }
    }
}
