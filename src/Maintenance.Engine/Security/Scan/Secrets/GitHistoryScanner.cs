using System.ComponentModel;
using System.Globalization;
using System.Text;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>
/// Our own look for secrets in everything that a git repository has ever kept: each object once, whichever commits have it and even if none has it any more. git hands its objects out; no hook,
/// filter or configured program of the repository runs, and nothing is fetched.
/// </summary>
/// <param name="find">Finds git on the PATH.</param>
internal sealed class GitHistoryScanner(Func<string, string?> find) : OwnScanner
{
    private static readonly Dictionary<string, string> Harmless = new()
    {
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
    };

    public override string Name => "maintenance-history";

    public override ScanKind Kind => ScanKind.Secrets;

    public override bool AppliesTo(string path) => Directory.Exists(path) && (IsRepository(path) || IsWithin(path));

    public override async Task<ScanReading> ScanAsync(string path, CancellationToken cancellationToken)
    {
        if (find("git") is not { } git)
        {
            return ScanReading.Failed("there is no program git on the PATH", "Install git, or leave the history out with -Scanner.");
        }

        try
        {
            var (shallow, _, errors) = await TellAsync(git, path, ["rev-parse", "--is-shallow-repository"], cancellationToken);
            if (shallow is null)
            {
                return ScanReading.Failed($"git could not read the repository: {errors}", "A folder that belongs to another user needs git's safe.directory.");
            }

            // Of a folder within a repository, only what has a name below it.
            var below = IsRepository(path) ? null : (await TellAsync(git, path, ["rev-parse", "--show-prefix"], cancellationToken)).Output?.TrimEnd('\n', '\r');
            var own = below is null ? null : await NamesAsync(git, path, null, below, cancellationToken);
            var found = await ReadObjectsAsync(git, path, own, cancellationToken);
            var names = own ?? (found.Secrets.Count == 0 ? [] : await NamesAsync(git, path, found.Secrets.Select(secret => secret.Object).ToHashSet(StringComparer.Ordinal), "", cancellationToken));
            var reading = Flaws(found.Secrets, names).ToReading() with
            {
                Examined = own is { Count: 0 } ? null : found.Read,
                Note = own is null ? "each version of each file that git keeps, commits that no branch has any more included"
                    : own.Count == 0 ? "no commit has a file below this folder"
                    : "each version that a commit has of each file below this folder; scan the whole repository to see those that no commit has",
            };
            return found.Problem is { } problem ? reading with { Problem = problem, Recommendation = "Run git fsck to see whether the repository is whole." }
                : shallow.Trim() == "true" ? reading with { Problem = "the repository is shallow: the older part of its history is not here", Recommendation = "Fetch it whole with git fetch --unshallow." }
                : reading;
        }
        catch (Exception exception) when (exception is IOException or Win32Exception or UnauthorizedAccessException)
        {
            return ScanReading.Failed($"git could not be run: {ScanText.Clean(exception.Message)}", "Run git fsck in the repository.");
        }
    }

    // One finding for each kind of secret in each file, however many versions of it hold one: versions never change, so the identity holds.
    private static FlawList Flaws(IReadOnlyList<(string Object, SourceSecret Secret)> secrets, Dictionary<string, string> names)
    {
        var flaws = new FlawList();
        var counting = secrets
            .Select(found => (found.Object, found.Secret, Name: names.GetValueOrDefault(found.Object)))
            .Where(found => !found.Secret.IsBare || found.Name is null || SourceText.IsSettings(found.Name));
        foreach (var group in counting.GroupBy(found => (Name: found.Name ?? "an object without a name", found.Secret.Kind)).OrderBy(group => group.Key.Name, StringComparer.Ordinal))
        {
            var first = group.First();
            var versions = group.Select(found => found.Object).Distinct().Count();
            var (where, kind) = (ScanText.Clean(group.Key.Name, 300), group.Key.Kind);
            flaws.Add(new ScanFlaw(where, string.Create(CultureInfo.InvariantCulture, $"{where}: git keeps a secret of the kind {kind} in {(versions == 1 ? "one version" : $"{versions} versions")} of it."), first.Secret.Severity, SecretFlaws.Identity(kind, where, null))
            {
                Evidence = new Dictionary<string, object?> { ["Rule"] = kind, ["Object"] = first.Object[..Math.Min(12, first.Object.Length)], ["Line"] = first.Secret.Line, ["Versions"] = versions },
                Recommendation = SecretFlaws.RecommendationFor(kind),
                Mappings = SecretFlaws.Mappings,
            });
        }

        return flaws;
    }

    private static async Task<(List<(string Object, SourceSecret Secret)> Secrets, long Read, string? Problem)> ReadObjectsAsync(string git, string path, Dictionary<string, string>? wanted, CancellationToken cancellationToken)
    {
        var secrets = new List<(string, SourceSecret)>();
        var read = 0L;
        await using var running = Call(git, path, ["cat-file", "--batch-all-objects", "--unordered", "--batch=%(objectname) %(objecttype) %(objectsize)"]).Start();
        using var output = new BufferedStream(running.Output, 128 * 1024);
        while (Header(output, cancellationToken) is { } header)
        {
            var parts = header.Split(' ');
            if (parts.Length != 3 || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                return (secrets, read, "git answered in a way that is not understood");
            }

            var content = new PartOfStream(output, size);
            if (parts[1] == "blob" && wanted?.ContainsKey(parts[0]) != false && size <= SourceFilesScanner.MostBytes)
            {
                var text = new PeekedStream(content);
                if (SourceText.IsText(text.Start))
                {
                    read++;
                    // Nothing is known of its name yet, so it may be settings.
                    secrets.AddRange((await SourceText.FindAsync(text, "object.env", cancellationToken)).Take(SourceText.MostInOne).Select(secret => (parts[0], secret)));
                }
            }

            await content.SkipAsync(cancellationToken);
            if (content.IsShort || output.ReadByte() != '\n')
            {
                return (secrets, read, "git's answer ends too early");
            }

            if (secrets.Count > FlawList.Most)
            {
                return (secrets, read, "there are more secrets in it than are kept");
            }
        }

        var end = await running.WaitAsync(cancellationToken);
        return (secrets, read, end.ExitCode == 0 ? null : $"git ended with exit code {end.ExitCode}: {ScanText.Clean(LastLines.Of(end.Output))}");
    }

    private static string? Header(Stream output, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = new StringBuilder();
        int next;
        while ((next = output.ReadByte()) >= 0)
        {
            if (next == '\n')
            {
                return line.ToString();
            }

            if (line.Append((char)next).Length > 300)
            {
                break;
            }
        }

        return line.Length == 0 ? null : "unfinished";
    }

    // One object may have had many names: the first that git tells is told.
    private static async Task<Dictionary<string, string>> NamesAsync(string git, string path, HashSet<string>? wanted, string below, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var running = Call(git, path, ["rev-list", "--objects", "--all", "--reflog", .. below.Length == 0 ? Array.Empty<string>() : ["--full-history", "--", "."]]).Start();
        using var output = new StreamReader(running.Output);
        while (await output.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space && wanted?.Contains(line[..space]) != false && line.AsSpan(space + 1).StartsWith(below, StringComparison.Ordinal))
            {
                names.TryAdd(line[..space], line[(space + 1 + below.Length)..]);
            }
        }

        return names;
    }

    private static bool IsRepository(string path) => Path.Exists(Path.Combine(path, ".git"));

    private static bool IsWithin(string path)
    {
        for (var folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (IsRepository(folder))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<(string? Output, int ExitCode, string Errors)> TellAsync(string git, string path, string[] arguments, CancellationToken cancellationToken)
    {
        var result = await Call(git, path, arguments).RunAsync(cancellationToken);
        return result.ExitCode == 0 ? (result.Output, 0, "") : (null, result.ExitCode, ScanText.Clean(LastLines.Of(result.Output)));
    }

    private static ProgramCall Call(string git, string path, string[] arguments) => new(git, ["--no-pager", .. arguments], path) { Environment = Harmless };

    /// <summary>So many bytes of a stream.</summary>
    private sealed class PartOfStream(Stream inner, long length) : Stream
    {
        private long _left = length;

        public bool IsShort { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => Count(_left == 0 ? 0 : inner.Read(buffer[..(int)Math.Min(buffer.Length, _left)]), buffer.Length);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(_left == 0 ? 0 : await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken), buffer.Length);

        public async Task SkipAsync(CancellationToken cancellationToken)
        {
            var buffer = new byte[64 * 1024];
            while (await ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read, int wanted)
        {
            IsShort |= read == 0 && wanted > 0 && _left > 0;
            _left -= read;
            return read;
        }
    }
}
