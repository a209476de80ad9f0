namespace Maintenance.Host;

/// <summary>The one place where the exit code of the process is decided.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    public const int Failure = 1;

    /// <summary>The command line was not understood; the same number as pwsh.</summary>
    public const int Usage = 64;

    /// <summary>A signal ended the work: 128 and its number, as shells say it.</summary>
    public static int OfSignal(int number) => 128 + number;

    /// <summary>Weighs what is known at the end; the first that applies decides.</summary>
    /// <param name="interruption">Code of the signal that ended the work.</param>
    /// <param name="requested">Code given to <c>exit</c>.</param>
    /// <param name="outcome">How the last script ended.</param>
    /// <param name="runs">The maintenance runs among the output.</param>
    public static int Decide(int? interruption, int? requested, ScriptOutcome outcome, RunVerdict runs) =>
        (interruption, requested, outcome, runs.ExitCode) switch
        {
            ({ } signal, _, _, _) => signal,
            (_, { } exit, _, _) => exit,
            (_, _, ScriptOutcome.Terminated, _) => Failure,
            (_, _, _, not Success and var worst) => worst,
            (_, _, ScriptOutcome.Failed, _) => Failure,
            _ => Success,
        };
}
