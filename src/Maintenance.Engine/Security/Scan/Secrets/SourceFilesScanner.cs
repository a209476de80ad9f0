using System.Globalization;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>Our own look for secrets in the files of a folder, as they lie there now. It needs no program; git's history is <see cref="GitHistoryScanner"/>'s.</summary>
/// <param name="open">Opens a file; null to open it as it is.</param>
internal sealed class SourceFilesScanner(Func<string, Stream>? open = null) : OwnScanner
{
    /// <summary>Larger files are not read, and are told of.</summary>
    public const long MostBytes = 64 * 1024 * 1024;

    public override string Name => "maintenance";

    public override ScanKind Kind => ScanKind.Secrets;

    public override bool AppliesTo(string path) => Path.Exists(path);

    public override async Task<ScanReading> ScanAsync(string path, CancellationToken cancellationToken)
    {
        var (read, binary) = (0L, 0L);
        var flaws = new FlawList();
        var unread = new List<string>();
        var large = new List<string>();
        foreach (var file in new SourceFiles(unread.Add).Below(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (file.Length > MostBytes)
                {
                    large.Add(file.FullName);
                    continue;
                }

                // A pipe or a device says 0 too, and opening one could wait for ever.
                if (file.Length == 0)
                {
                    read++;
                    continue;
                }

                await using var stream = (open ?? Open)(file.FullName);
                var text = new PeekedStream(stream);
                if (!SourceText.IsText(text.Start) && !SourceText.IsForSecrets(file.Name))
                {
                    binary++;
                    continue;
                }

                read++;
                foreach (var secret in await SourceText.FindAsync(text, file.Name, cancellationToken))
                {
                    flaws.Add(Flaw(secret, ScanPath.Below(file.FullName, path)));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                unread.Add(file.FullName);
            }
        }

        var reading = flaws.ToReading();
        return reading with
        {
            Examined = read,
            Note = string.Create(CultureInfo.InvariantCulture, $"files as they are now; git's history, {string.Join(", ", SourceFiles.LeftOut)}, links and {binary} binary files were not read"),
            Problem = Problem(reading.Problem, unread, large, read, path),
            Recommendation = unread.Count > 0 ? "Let it run as somebody who may read them." : large.Count > 0 ? "Look into them by hand, or move them out of the folder." : reading.Recommendation ?? (read == 0 ? "Name the folder that holds the sources with -Path." : null),
        };
    }

    private static FileStream Open(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });

    private static string? Problem(string? told, List<string> unread, List<string> large, long read, string path)
    {
        List<string> problems = [.. told is null ? Array.Empty<string>() : [told], .. Some(unread, "could not be read"), .. Some(large, $"larger than {MostBytes / (1024 * 1024)} MB and not read")];
        return problems.Count > 0 ? string.Join("; ", problems) : read == 0 ? "there is no text file in it" : null;

        IEnumerable<string> Some(List<string> paths, string what) => paths.Count == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{paths.Count} {what}, such as {ScanPath.Below(paths[0], path)}")];
    }

    private static ScanFlaw Flaw(SourceSecret secret, string where) =>
        new(where, SecretFlaws.Message("Maintenance", secret.Kind, where, secret.Line), secret.Severity, SecretFlaws.Identity(secret.Kind, where, null))
        {
            Evidence = new Dictionary<string, object?> { ["Rule"] = secret.Kind, ["Line"] = secret.Line },
            Recommendation = SecretFlaws.RecommendationFor(secret.Kind),
            Mappings = SecretFlaws.Mappings,
        };
}
