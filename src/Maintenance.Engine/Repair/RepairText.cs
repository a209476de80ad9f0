using System.Text.RegularExpressions;
using Maintenance.Engine.Security.Scan;

namespace Maintenance.Engine.Repair;

/// <summary>Text that others wrote (findings of unknown descent, programs, script blocks), made fit to be shown and kept.</summary>
internal static partial class RepairText
{
    /// <summary>One line of bounded length without control characters, secrets and addresses.</summary>
    public static string Of(string? text, int longest = 500) => Named().Replace(Assignment().Replace(ScanText.Clean(text, longest), "$1[redacted]"), "$1[redacted]");

    // Programs tell of their settings in many ways; what is called a secret is one here, however weak.
    [GeneratedRegex(@"((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)""?\s*[=:]\s*)(?!\[redacted)[""']?[^\s""',;|]+[""']?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    // Without a sign between, only what does not look like a word of a sentence: long, with letters and digits.
    [GeneratedRegex(@"(\b(?:password|passwd|pwd|secret|token|bearer|api[_-]?key|access[_-]?key)\s+)(?=\S*[0-9])(?=\S*[a-z])[^\s""',;|.]{8,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
