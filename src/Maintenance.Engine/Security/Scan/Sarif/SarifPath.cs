namespace Maintenance.Engine.Security.Scan.Sarif;

/// <summary>Makes of SARIF's addresses the path of a file below what was scanned, the same on every machine.</summary>
internal static class SarifPath
{
    /// <summary>The path of a result's file; null if it names none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="result">The result.</param>
    /// <param name="root">What was scanned.</param>
    public static string? Of(SarifRun run, SarifResult result, string root)
    {
        var address = result.Uri is not null ? new SarifAddress(result.Uri, result.UriBase)
            : result.Artifact is { } index ? run.Artifacts.ElementAtOrDefault(index) : default;
        return address.Uri is null ? null : Relative(Whole(run, address), root);
    }

    // Bases can build on bases; one that builds on itself ends at a depth that no real file has.
    private static string Whole(SarifRun run, SarifAddress address)
    {
        var uri = address.Uri!;
        for (var depth = 0; depth < 8 && !IsAbsolute(uri) && address.Base is { } id && run.Bases.TryGetValue(id, out var parent) && parent.Uri is { } prefix; depth++)
        {
            uri = prefix.EndsWith('/') || prefix.Length == 0 ? prefix + uri : $"{prefix}/{uri}";
            address = parent;
        }

        return uri;
    }

    private static bool IsAbsolute(string uri) => uri.StartsWith('/') || uri.Contains("://", StringComparison.Ordinal) || uri.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    private static string Relative(string uri, string root)
    {
        var path = uri.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? uri["file:".Length..] : uri;
        path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
        return ScanPath.Below(Unescape(path), root);
    }

    private static string Unescape(string path)
    {
        try
        {
            return Uri.UnescapeDataString(path);
        }
        catch (UriFormatException)
        {
            return path;
        }
    }
}
