using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Maintenance.TestSupport;
using PS = System.Management.Automation.PowerShell;

namespace Maintenance.ModuleTests;

/// <summary>A runspace of the real engine with the built module imported, as in a user's session.</summary>
internal sealed class ModuleRunspace : IDisposable
{
    private readonly Runspace _runspace;

    public ModuleRunspace(bool import = true, Action<InitialSessionState>? configure = null, PSHost? host = null)
    {
        var state = InitialSessionState.CreateDefault2();
        configure?.Invoke(state);
        _runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        _runspace.Open();
        if (import)
        {
            Invoke($"Import-Module '{ManifestPath}' -ErrorAction Stop");
        }
    }

    public static string ModuleFolder { get; } = Installation.ModuleFolder ?? Path.TrimEndingDirectorySeparator(Metadata("ModuleFolder"));

    public static string ManifestPath => Path.Combine(ModuleFolder, "Maintenance.psd1");

    public static string HostPath { get; } = Installation.HostPath ?? Metadata("HostPath");

    public Runspace Runspace => _runspace;

    /// <summary>Runs a script; a terminating error is thrown, everything else is in the result.</summary>
    public ScriptResult Run(string script, params (string Name, object? Value)[] variables)
    {
        using var shell = Create(script, variables);
        var output = new Collection<PSObject>();
        Exception? terminating = null;
        try
        {
            output = shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            terminating = exception;
        }

        return new ScriptResult(
            output,
            [.. shell.Streams.Error],
            [.. shell.Streams.Warning.Select(record => record.Message)],
            [.. shell.Streams.Verbose.Select(record => record.Message)],
            [.. shell.Streams.Progress],
            terminating);
    }

    /// <summary>What completes a line at its end, as the Tab key does.</summary>
    public string[] Complete(string line)
    {
        using var shell = PS.Create();
        shell.Runspace = Runspace;
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(match => match.CompletionText)];
    }

    /// <summary>What completes a line, if need be at another press of the key: a machine that is busy may need more than the moment that somebody waits.</summary>
    public string[] CompleteInTime(string line)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Complete(line) is var found && (found.Length > 0 || attempt == 50))
            {
                return found;
            }
        }
    }

    /// <summary>Runs a script that must not fail, and returns its output.</summary>
    public Collection<PSObject> Invoke(string script, params (string Name, object? Value)[] variables)
    {
        var result = Run(script, variables);
        Assert.True(result.Terminating is null, result.Terminating?.ToString());
        Assert.True(result.Errors.Count == 0, string.Join(Environment.NewLine, result.Errors));
        return result.Output;
    }

    /// <summary>A command by its name; null where there is none.</summary>
    public CommandInfo? Command(string name) =>
        (CommandInfo?)Run($"Get-Command '{name}' -ErrorAction Ignore").Output.SingleOrDefault()?.BaseObject;

    public PS Create(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
        {
            _runspace.SessionStateProxy.SetVariable(name, value);
        }

        var shell = PS.Create();
        shell.Runspace = _runspace;
        shell.AddScript(script);
        return shell;
    }

    public void Dispose() => _runspace.Dispose();

    internal static string Metadata(string key) => typeof(ModuleRunspace).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}

internal sealed record ScriptResult(
    Collection<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<ProgressRecord> Progress,
    Exception? Terminating);
