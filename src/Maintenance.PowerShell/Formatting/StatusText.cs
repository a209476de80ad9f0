using System.Management.Automation;

namespace Maintenance.Formatting;

/// <summary>
/// How views show how bad something is: in the colours that the session has for errors and warnings. Whether a screen gets colours at all is decided by PowerShell
/// ($PSStyle.OutputRendering, NO_COLOR, and where output goes), which takes them out again where it does not.
/// </summary>
public static class StatusText
{
    // The session's $PSStyle. PowerShellStandard, which the module is compiled against, is older than it.
    private static readonly dynamic Style = typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle", throwOnError: true)!.GetProperty("Instance")!.GetValue(null)!;

    /// <summary>The word, in the colour that it has.</summary>
    /// <param name="word">A status, severity, state, outcome or verdict; also as it comes out of a file in which a row was kept.</param>
    public static string Styled(PSObject? word) => Styled(word?.ToString(), word?.ToString());

    /// <summary>A text, in the colour that a word has.</summary>
    /// <param name="text">What is shown.</param>
    /// <param name="word">What it says, in a word.</param>
    public static string Styled(string? text, string? word) =>
        string.IsNullOrEmpty(text) || !IsShown() || StyleOf(word) is not { } style ? text ?? "" : $"{style}{text}{(string)Style.Reset}";

    // pwsh colours its tables also where all that it writes goes to a file or the log of a build: what is in those is read by programs.
#pragma warning disable RS0030 // Nothing is written to the console: it is asked where it leads.
    private static bool IsShown() => !Console.IsOutputRedirected || Style.OutputRendering.ToString() == "Ansi";
#pragma warning restore RS0030

    // What is well, or says nothing about it, has no colour: what has one is what to look at.
    private static string? StyleOf(string? word) => word switch
    {
        "Critical" or "High" or "Fail" or "Failed" or "Error" or "Missed" or "NotResolved" or "StillThere" or "Undelivered" or "Rejected" => (string)Style.Formatting.Error,
        "Warning" or "Medium" or "PartlyResolved" or "StillRunning" or "NoData" or "Firing" => (string)Style.Formatting.Warning,
        // Never to be taken for well.
        "Unknown" or "NotPermitted" or "CannotDetermine" or "NotEnoughData" => (string)Style.Foreground.BrightMagenta,
        _ => null,
    };
}
