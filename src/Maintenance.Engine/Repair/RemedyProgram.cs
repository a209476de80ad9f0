using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair;

/// <summary>Runs a program that mends something: no shell, no input, a time limit, killed with all it has started.</summary>
internal static class RemedyProgram
{
    private const int MostOutput = 1024 * 1024;

    /// <summary>Shorter values, such as 0 or true, are no secrets.</summary>
    private const int ShortestSecret = 8;

    /// <summary>What the command processor of Windows, which runs scripts there, takes for more than a character of an argument.</summary>
    private static readonly SearchValues<char> MeansMoreToScripts = SearchValues.Create("\"%&|<>^!()\r\n");

    /// <summary>The program's full path.</summary>
    /// <param name="program">A path, or a name to look for on the PATH.</param>
    /// <exception cref="MaintenanceException">ProgramNotFound.</exception>
    public static string Find(string program) =>
        (Path.IsPathFullyQualified(program) ? File.Exists(program) ? program : null : SearchPath.FindCommand(program)) ?? throw new MaintenanceException(
            MaintenanceErrorCode.ProgramNotFound, $"There is no program {RepairText.Of(program, 200)}.", "Install it, or write its full path.");

    /// <summary>Runs it to its end.</summary>
    /// <param name="program">Its full path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Environment variables beside the user's own.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>Its exit code and what it wrote.</returns>
    /// <exception cref="MaintenanceException">DeadlineExceeded; ProgramNotFound where it cannot be started; InvalidArgument.</exception>
    public static async Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string folder, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(program).ToUpperInvariant() is ".CMD" or ".BAT" && arguments.FirstOrDefault(argument => argument.AsSpan().ContainsAny(MeansMoreToScripts)) is { } dangerous)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"{program} is a script here, and '{RepairText.Of(dangerous, 100)}' cannot be handed to one safely.", "Use a program that is none.");
        }

        using var deadline = new Deadline(timeout, time, cancellationToken);
        using var output = new MemoryStream();
        var errors = "";
        try
        {
            await using var running = (new ProgramCall(program, arguments, folder) { Environment = environment, KeepsEnvironment = true, HasOwnGroup = true }).Start();
            try
            {
                var whole = await running.CopyOutputAsync(output, MostOutput, deadline.Token);
                if (!whole)
                {
                    running.Kill();
                }

                var ended = await running.WaitAsync(deadline.Token);
                return new ProgramResult(whole ? ended.ExitCode : -1, Written() + ended.Output);
            }
            finally
            {
                errors = running.Errors;
            }
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            // What it wrote is all there is to tell why. What was put into its environment may be secret.
            var told = LastLinesOf(Written() + errors, environment.Values.Where(value => value.Length >= ShortestSecret));
            throw new MaintenanceException(
                MaintenanceErrorCode.DeadlineExceeded,
                Say.Text($"The program {Path.GetFileName(program)} took longer than {timeout.TotalSeconds:0.#} s, the time it has, and was killed. Before that: {told}"),
                "See what holds it up, or allow it more time: its timeout under repair in maintenance.json.");
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            throw new MaintenanceException(MaintenanceErrorCode.ProgramNotFound, $"{program} could not be started: {RepairText.Of(exception.Message)}", "Check that it is a program, and that this account may run it.");
        }

        string Written() => Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)Math.Min(output.Length, MostOutput)) + "\n";
    }

    /// <summary>The end of what it wrote, without what is nobody's business.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="secrets">Texts that must not be shown.</param>
    public static string Told(ProgramResult result, params IEnumerable<string> secrets) =>
        string.Create(CultureInfo.InvariantCulture, $"exit code {result.ExitCode}: {LastLinesOf(result.Output, secrets)}");

    /// <summary>A command line for people to read, with quotes where a shell would need them.</summary>
    public static string Show(string program, IReadOnlyList<string> arguments) => string.Join(' ', arguments.Prepend(program).Select(Quoted));

    // First as a whole: the secret may stand where a line is cut.
    private static string LastLinesOf(string output, IEnumerable<string> secrets) => RepairText.Of(
        LastLines.Of(secrets.Where(secret => secret.Length > 0).Aggregate(output, (text, secret) => text.Replace(secret, "[redacted]", StringComparison.Ordinal))), 800);

    private static string Quoted(string text) =>
        text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || "-_./:=@,+".Contains(character, StringComparison.Ordinal)) ? text : $"'{RepairText.Of(text.Replace("'", "''", StringComparison.Ordinal), 200)}'";
}
