using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>A scheduled task, as files of another scheduler name and run it. No name that anybody gave a target can mean anything in them.</summary>
/// <param name="Task">What is scheduled.</param>
/// <param name="Recurrence">When.</param>
/// <param name="Missing">What keeps it from running where the file is used, as far as that is known: a sentence; null for nothing.</param>
internal sealed partial record ExportedTask(ScheduledTask Task, Recurrence Recurrence, string? Missing = null)
{
    private static readonly TimeSpan UsualLimit = TimeSpan.FromHours(1);

    /// <summary>How long the program around a run may take for itself.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(5);

    /// <summary>Letters, digits and hyphens; no other task has the same.</summary>
    public string Id => PlainTarget().IsMatch(Task.Target) && PlainTask().IsMatch(Task.Task)
        ? $"{Task.Target}-{Task.Task}"
        : $"{Readable(Task.Target)}-{Readable(Task.Task)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Task.Target}\0{Task.Task}")))[..8]}";

    /// <summary>The name for people, in which every character is harmless.</summary>
    public string Label => $"{Shown(Task.Task)} on {Shown(Task.Target)}";

    /// <summary>When it runs, for people.</summary>
    public string When => $"{Recurrence.Describe()} {Recurrence.Zone.Id}";

    /// <summary>After how many minutes its process is ended, should it not end by itself.</summary>
    public int Minutes => (int)Math.Ceiling(((Task.Limit ?? UsualLimit) + Around).TotalMinutes);

    /// <summary>The pipeline that runs it, for PowerShell. It connects without a test: a server that is down has to be found out by the task, which tells people. Has neither apostrophes nor percent signs, and a dollar sign only in $false.</summary>
    /// <param name="asksWhetherDue">True where it is started at other times too.</param>
    public string Pipeline(bool asksWhetherDue) =>
        $"Connect-MaintenanceTarget -Name {Literal(Task.Target)} -SkipTest | Invoke-MaintenanceTask {Literal(Task.Task)}{(asksWhetherDue ? " -WhenDue" : "")}"
        + (Task.Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $" -TimeoutSeconds {(long)Math.Ceiling(limit.TotalSeconds)}") : "")
        + " -Confirm:$false";

    /// <summary>The same as a whole script on one line, which ends its process with the exit code of the run, and with 3 where there was none.</summary>
    /// <param name="asksWhetherDue">True where it is started at other times too.</param>
    /// <param name="isQuiet">True where what is printed is mail: a run that is Ok prints nothing.</param>
    public string OneLiner(bool asksWhetherDue, bool isQuiet = false) =>
        $"$ErrorActionPreference = \"Stop\"; try {{ Import-Module Maintenance; $run = {Pipeline(asksWhetherDue)}; {(isQuiet ? "if ($run.ExitCode) { $run }" : "$run")}; exit [int]$run.ExitCode }} catch {{ [Console]::Error.WriteLine(\"$_ $($_.ErrorDetails.RecommendedAction)\"); exit 3 }}";

    /// <summary>Text of anybody's, with nothing in it but letters, digits and a few signs that mean nothing anywhere.</summary>
    public static string Shown(string text) => Odd().Replace(text, "?");

    private static string Readable(string text) => NoId().Replace(text, "-").Trim('-') is { Length: > 0 } readable ? readable[..Math.Min(readable.Length, 24)].Trim('-') : "x";

    // A bare word where that is all it can be; else its bytes.
    private static string Literal(string text) => BareWord().IsMatch(text)
        ? text
        : $"([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}\")))";

    [GeneratedRegex(@"\A(?=.{1,24}\z)[A-Za-z0-9]+(-[A-Za-z0-9]+)*\z")]
    private static partial Regex PlainTarget();

    // Without a hyphen, so that the two parts of an Id are told apart.
    [GeneratedRegex(@"\A[A-Za-z0-9]{1,24}\z")]
    private static partial Regex PlainTask();

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NoId();

    [GeneratedRegex(@"[^A-Za-z0-9 ._\-]")]
    private static partial Regex Odd();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9._\-]*\z")]
    private static partial Regex BareWord();
}
