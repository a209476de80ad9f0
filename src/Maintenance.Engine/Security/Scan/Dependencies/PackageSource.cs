namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>A source of NuGet packages. A copy of nuget.org can answer under its name and have no list of vulnerabilities.</summary>
internal static class PackageSource
{
    private const int LongestIndex = 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>Whether the index of a source names a list of vulnerabilities. One that cannot be read names none.</summary>
    /// <param name="address">Address of the index; of folders and others nothing is known.</param>
    public static bool HasVulnerabilities(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            return false;
        }

        try
        {
            using var client = new HttpClient { Timeout = Timeout };
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(response.EnsureSuccessStatusCode().Content.ReadAsStream());
            var index = new char[LongestIndex];
            return index.AsSpan(0, reader.ReadBlock(index)).Contains("\"VulnerabilityInfo/", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or NotSupportedException)
        {
            return false;
        }
    }
}
