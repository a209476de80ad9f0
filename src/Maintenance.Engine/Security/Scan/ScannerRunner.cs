using System.Buffers;
using System.ComponentModel;
using System.Text;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Runs a scanner in the folder that it scans, with the user's own environment, and hands its result to it to be read.</summary>
/// <param name="find">Finds programs on the PATH.</param>
/// <param name="mostBytes">The largest result that is kept.</param>
internal sealed class ScannerRunner(Func<string, string?> find, long mostBytes = ScanResultFile.MostBytes)
{
    /// <summary>How long a program may take to tell its version.</summary>
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(20);

    /// <summary>What the command processor of Windows, which runs npm and its kin, takes for more than a character of an argument.</summary>
    private static readonly SearchValues<char> MeansMoreToScripts = SearchValues.Create("\"%&|<>^!()\r\n");

    /// <summary>Whether its program is installed.</summary>
    /// <param name="scanner">The scanner.</param>
    public bool CanRun(Scanner scanner) => scanner is OwnScanner || find(scanner.Program) is not null;

    /// <summary>Runs one. What goes wrong is the reading's problem; only a cancellation is thrown.</summary>
    /// <param name="scanner">The scanner.</param>
    /// <param name="path">The folder or file to scan.</param>
    /// <param name="onVersion">Told of its version before it runs, for where it does not come to its end.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public async Task<ScanReading> RunAsync(Scanner scanner, string path, Action<string?> onVersion, CancellationToken cancellationToken)
    {
        if (scanner is OwnScanner own)
        {
            onVersion(OwnScanner.Version);
            return await own.ScanAsync(path, cancellationToken) with { Version = OwnScanner.Version };
        }

        if (find(scanner.Program) is not { } program)
        {
            return Missing(scanner.Program, path);
        }

        var folder = Path.Combine(Path.GetTempPath(), $"maintenance-scan-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.CreateFolder(folder);
            var version = await VersionAsync(scanner, program, path, cancellationToken);
            onVersion(version);
            var reading = await RunAsync(scanner, program, path, folder, version, cancellationToken);
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

    private async Task<ScanReading> RunAsync(Scanner scanner, string program, string path, string folder, string? version, CancellationToken cancellationToken)
    {
        var resultFile = Path.Combine(folder, "result.json");
        var outputFile = Path.Combine(folder, "output.txt");
        var command = scanner.Command(path, resultFile, version);
        foreach (var (name, content) in command.Files)
        {
            await using var needed = PrivateFiles.CreateNew(Path.Combine(folder, name));
            await needed.WriteAsync(Encoding.UTF8.GetBytes(content), cancellationToken);
        }

        if (IsScript(program) && command.Arguments.FirstOrDefault(argument => argument.AsSpan().ContainsAny(MeansMoreToScripts)) is { } dangerous)
        {
            return ScanReading.Failed($"{scanner.Program} is a script here, and '{dangerous}' cannot be handed to one safely", "Rename the folder, or scan it from a copy with a plain name.");
        }

        ScanEnd end;
        await using (var running = (Call(program, command.Arguments, path, command.Environment) with { HasOwnGroup = true }).Start())
        {
            await using (var output = command.WritesFile ? Stream.Null : PrivateFiles.CreateNew(outputFile))
            {
                if (!await running.CopyOutputAsync(output, command.WritesFile ? long.MaxValue : mostBytes, cancellationToken))
                {
                    return ScanResultFile.TooLarge(scanner);
                }
            }

            var ended = await running.WaitAsync(cancellationToken);
            end = new ScanEnd(ended.ExitCode, LastLines.Of(ended.Output));
        }

        var file = command.WritesFile ? resultFile : outputFile;
        return File.Exists(file)
            ? ScanResultFile.Read(scanner, file, end, path)
            : ScanReading.Failed($"{scanner.Program} ended with exit code {end.ExitCode} and wrote no result: {end.Errors}");
    }

    private static async Task<string?> VersionAsync(Scanner scanner, string program, string path, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(VersionTimeout);
        try
        {
            // Whatever it is that bears this name, it may write without end.
            using var told = new MemoryStream();
            await using var running = Call(program, scanner.VersionArguments, path, new Dictionary<string, string>()).Start();
            var whole = await running.CopyOutputAsync(told, 1024 * 1024, patience.Token);
            return whole && (await running.WaitAsync(patience.Token)).ExitCode == 0
                && Encoding.UTF8.GetString(told.ToArray()).Split('\n')[0].Trim() is { Length: > 0 and < 100 } line ? ScanText.Clean(line) : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    // A program of the folder that is scanned is that folder's code: running it would run what is to be judged.
    private static ScanReading Missing(string program, string path)
    {
        var local = Path.Combine("node_modules", ".bin", program);
        for (var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, local)) || File.Exists(Path.Combine(folder, local + ".cmd")))
            {
                return ScanReading.Failed(
                    $"there is no program {program} on the PATH; one is installed in the project, which is not run, being part of what is scanned", $"Put the project's node_modules/.bin on the PATH to run it, if you trust the project, or install {program} outside of it.");
            }
        }

        return ScanReading.Failed($"there is no program {program} on the PATH", $"Install {program}, or give a file that it wrote elsewhere with -ResultPath.");
    }

    private static ProgramCall Call(string program, IReadOnlyList<string> arguments, string path, IReadOnlyDictionary<string, string> environment) =>
        new(program, arguments, Directory.Exists(path) ? path : Path.GetDirectoryName(path)!) { Environment = environment, KeepsEnvironment = true };

    private static bool IsScript(string program) => Path.GetExtension(program).ToUpperInvariant() is ".CMD" or ".BAT";

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
