using System.ComponentModel;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Runs a scanner in a private folder, and hands its result to it to be read.</summary>
internal sealed class ScannerRunner(Func<string, string?> find)
{
    /// <summary>How long a program may take to tell its version.</summary>
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Runs one. What goes wrong is the reading's problem; only a cancellation is thrown.</summary>
    /// <param name="scanner">The scanner.</param>
    /// <param name="path">The folder or file to scan.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public async Task<ScanReading> RunAsync(Scanner scanner, string path, CancellationToken cancellationToken)
    {
        if (find(scanner.Program) is not { } program)
        {
            return ScanReading.Failed($"there is no program {scanner.Program} on the PATH", $"Install {scanner.Program}, or give a file that it wrote elsewhere with -ResultPath.");
        }

        var folder = Path.Combine(Path.GetTempPath(), $"maintenance-scan-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.CreateFolder(folder);
            var version = await VersionAsync(scanner, program, folder, cancellationToken);
            var reading = await RunAsync(scanner, program, path, folder, cancellationToken);
            return reading with { Version = reading.Version ?? version };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return ScanReading.Failed($"{scanner.Program} could not be run: {exception.Message}", $"Check that {program} can be run and that the temporary folder can be written.");
        }
        finally
        {
            Delete(folder);
        }
    }

    private static async Task<ScanReading> RunAsync(Scanner scanner, string program, string path, string folder, CancellationToken cancellationToken)
    {
        var resultFile = Path.Combine(folder, "result.json");
        var outputFile = Path.Combine(folder, "output.txt");
        var command = scanner.Command(path, resultFile);
        ScanEnd end;
        await using (var running = new ProgramCall(program, command.Arguments, Directory.Exists(path) ? path : Path.GetDirectoryName(path)!) { Environment = command.Environment }.Start())
        {
            await using (var output = PrivateFiles.CreateNew(outputFile))
            {
                await running.Output.CopyToAsync(output, cancellationToken);
            }

            var ended = await running.WaitAsync(cancellationToken);
            end = new ScanEnd(ended.ExitCode, LastLines.Of(ended.Output));
        }

        var file = command.WritesFile ? resultFile : outputFile;
        if (!File.Exists(file))
        {
            return ScanReading.Failed($"{scanner.Program} ended with exit code {end.ExitCode} and wrote no result: {end.Errors}");
        }

        await using var result = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
        return scanner.Read(result, end, path);
    }

    private static async Task<string?> VersionAsync(Scanner scanner, string program, string folder, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(VersionTimeout);
        try
        {
            var told = await new ProgramCall(program, scanner.VersionArguments, folder).RunAsync(patience.Token);
            return told.ExitCode == 0 && told.Output.Split('\n')[0].Trim() is { Length: > 0 and < 100 } line ? line : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only this user can read it, and the temporary folder is swept.
        }
    }
}
