#pragma warning disable RS0030 // It speaks to the benchmark that started it, on its standard streams.
using System.Diagnostics;
using System.Management.Automation.Runspaces;
using System.Text.Json;
using PS = System.Management.Automation.PowerShell;

// Runs each line of standard input as a script, and answers each with one line of JSON: how long it took, what it gave,
// and which assemblies are loaded now.
using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
runspace.Open();

// The first import of a session also pays for the engine's own start; a real session has done that before, in its profile.
Run("New-Module -ScriptBlock { } | Import-Module");

while (Console.In.ReadLine() is { } script)
{
    Console.Out.WriteLine(Run(script));
}

string Run(string script)
{
    using var shell = PS.Create();
    shell.Runspace = runspace;
    shell.AddScript(script);
    var error = "";
    string[] output = [];
    var started = Stopwatch.GetTimestamp();
    TimeSpan elapsed;
    try
    {
        var objects = shell.Invoke();
        elapsed = Stopwatch.GetElapsedTime(started);
        output = [.. objects.Select(item => item?.ToString() ?? "")];
        error = string.Join(Environment.NewLine, shell.Streams.Error);
    }
    catch (System.Management.Automation.RuntimeException exception)
    {
        elapsed = Stopwatch.GetElapsedTime(started);
        error = exception.Message;
    }

    var assemblies = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic).Select(assembly => assembly.Location);
    return JsonSerializer.Serialize(new { elapsed.TotalMilliseconds, Output = output, Error = error, Assemblies = assemblies });
}
