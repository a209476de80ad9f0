using System.Globalization;

namespace Maintenance.Engine.Rotation;

/// <summary>
/// Who has a file open for writing. On Linux it is read from /proc, of the processes that this user may look at; on Windows opening the
/// file tells it; elsewhere the quiet time must do.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class OpenFiles(TimeProvider time)
{
    private const string Processes = "/proc";

    /// <summary>A look at every process takes milliseconds; one a second is enough beside the quiet time.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    private Dictionary<(ulong Device, ulong Number), string> _writers = [];
    private long? _lookedAt;

    /// <summary>Why a file cannot be touched now; null if nobody is known to write to it.</summary>
    public string? WhyBusy(string path)
    {
        if (FileIdentity.Of(path) is not { } identity)
        {
            return null;
        }

        if (_lookedAt is not { } then || time.GetElapsedTime(then) > GoodFor)
        {
            _writers = Look();
            _lookedAt = time.GetTimestamp();
        }

        return _writers.TryGetValue((identity.Device, identity.Number), out var writer) ? $"It is open for writing by {writer}." : null;
    }

    private static Dictionary<(ulong Device, ulong Number), string> Look()
    {
        var writers = new Dictionary<(ulong, ulong), string>();
        foreach (var process in Entries(Processes).Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            foreach (var open in Entries(Path.Combine(process, "fd")))
            {
                if (FileIdentity.Of(open, follow: true) is { IsRegular: true } file && IsForWriting(Path.Combine(process, "fdinfo", Path.GetFileName(open))))
                {
                    writers.TryAdd((file.Device, file.Number), $"{ReadLine(Path.Combine(process, "comm")) ?? "process"} ({Path.GetFileName(process)})");
                }
            }
        }

        return writers;
    }

    // Processes end while they are looked at, and those of other users are closed to us.
    private static List<string> Entries(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The second line is "flags:" and an octal number, of which the last two bits say what it is open for.
    private static bool IsForWriting(string path)
    {
        try
        {
            var flags = File.ReadLines(path).FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));
            return flags is not null && ((flags[^1] - '0') & 3) != 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? ReadLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
