#pragma warning disable RS0030 // It speaks to the test that started it, on its standard streams.
using System.Diagnostics;
using System.Text.Json;
using Maintenance;
using Maintenance.Engine;
using Maintenance.FaultRunner;

// Reads a request from standard input and carries it out; says "begun" at the first step, and at the end how it ended; or dies on the
// way, as asked, without any clean-up: SIGKILL on Unix.
if (args is ["agent"])
{
    await AgentProcess.RunAsync(JsonSerializer.Deserialize<AgentRequest>(await Console.In.ReadToEndAsync())!);
    return;
}

var request = JsonSerializer.Deserialize<FaultRequest>(await Console.In.ReadToEndAsync())!;
var reached = 0;
var hasBegun = 0;
await using var engine = new MaintenanceEngine();
try
{
    var outcomes = await request.RunAsync(
        engine,
        async point =>
        {
            if (Interlocked.Exchange(ref hasBegun, 1) == 0)
            {
                Console.Out.WriteLine("begun");
            }

            if (point == request.Point && ++reached == request.Occurrence)
            {
                using var self = Process.GetCurrentProcess();
                self.Kill();
                // Nothing more is done until it takes effect.
                await Task.Delay(Timeout.Infinite);
            }
        },
        CancellationToken.None);
    Console.Out.WriteLine(string.Join("; ", outcomes));
}
catch (MaintenanceException exception)
{
    Console.Out.WriteLine($"{exception.Code}: {exception.Message}");
}
