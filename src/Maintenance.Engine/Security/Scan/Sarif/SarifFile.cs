using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Sarif;

/// <summary>A SARIF file, read and judged. Any bytes give a reading: of findings, or of a problem.</summary>
internal static class SarifFile
{
    public static ScanReading Read(Stream file, ScanKind kind, string root)
    {
        try
        {
            using var walk = new JsonWalk(file);
            return SarifJudge.Judge(new SarifReader(walk, hashesContext: kind != ScanKind.Secrets).Read(), kind, root);
        }
        catch (InvalidDataException exception)
        {
            return ScanReading.Failed($"the result cannot be read: {exception.Message}", "Let the tool write SARIF 2.1.0 again, and see that it ends well.");
        }
    }

    /// <summary>Whether the beginning of a file looks like SARIF.</summary>
    public static bool Recognises(string beginning) =>
        beginning.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{')
        && (beginning.Contains("\"runs\"", StringComparison.Ordinal)
            || (beginning.Contains("\"$schema\"", StringComparison.Ordinal) && beginning.Contains("sarif", StringComparison.OrdinalIgnoreCase)));
}
