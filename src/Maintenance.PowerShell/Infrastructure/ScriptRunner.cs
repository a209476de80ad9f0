using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Runs a script block of the user within the session, in a way that can be stopped from outside.</summary>
internal static class ScriptRunner
{
    /// <summary>Runs it on the pipeline's thread. Never throws: an exception out of there would end the cmdlet.</summary>
    /// <param name="script">The script block.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What it wrote, one line for each object; or why it failed.</returns>
    public static (string Output, Exception? Failure) Run(ScriptBlock script, object argument, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ("", new OperationCanceledException(cancellationToken));
        }

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        // A nested pipeline, unlike a mere call, can be stopped by itself.
        shell.AddScript("param($Script, $Argument) & $Script $Argument").AddArgument(script).AddArgument(argument);
        using var stopping = cancellationToken.Register(() => shell.BeginStop(null, null));
        try
        {
            var output = string.Join('\n', shell.Invoke().Select(item => item?.ToString()));
            return cancellationToken.IsCancellationRequested ? ("", new OperationCanceledException(cancellationToken))
                : shell.Streams.Error.Count == 0 ? (output, null) : (output, Failed(shell.Streams.Error[0].ToString()));
        }
        catch (Exception exception)
        {
            return ("", cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken) : Failed(exception.Message));
        }
    }

    private static MaintenanceException Failed(string message) =>
        new(MaintenanceErrorCode.RemedyRefused, $"The script block failed: {message}", "Try it on a sandbox first: Start-MaintenanceSandbox.");
}
