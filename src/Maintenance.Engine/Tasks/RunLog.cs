using System.Globalization;
using System.Text;
using Newtonsoft.Json;

namespace Maintenance.Engine.Tasks;

/// <summary>
/// The timestamped log of one run (guide D0), as text for people and as JSON lines for programs. Kept in memory, and written once its
/// outcome is in it.
/// </summary>
internal sealed class RunLog(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<(DateTimeOffset Time, string Level, string Message, object? Data)> _entries = [];

    /// <summary>Adds an entry.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="level">info, warning, or the status of a check.</param>
    /// <param name="data">The same for programs, in the JSON lines alone.</param>
    public void Add(string message, string level = "info", object? data = null)
    {
        lock (_gate)
        {
            _entries.Add((time.GetUtcNow(), level, message, data));
        }
    }

    /// <summary>The text: UTC time of day and message, made harmless to whoever reads it.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return string.Concat(_entries.Select(entry => $"[{entry.Time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}] {OneLine(entry.Message)}\n"));
        }
    }

    /// <summary>The same as JSON, one object in a line.</summary>
    public string ToJsonLines()
    {
        lock (_gate)
        {
            return string.Concat(_entries.Select(entry => JsonConvert.SerializeObject(
                new { time = entry.Time.UtcDateTime, level = entry.Level, message = entry.Message, data = entry.Data },
                new JsonSerializerSettings { NullValueHandling = NullValueHandling.Ignore, Converters = { new Newtonsoft.Json.Converters.StringEnumConverter() } }) + "\n"));
        }
    }

    /// <summary>Writes a form of the log to a file of its own that only this user can read.</summary>
    /// <returns>The file's size in bytes.</returns>
    public static async Task<long> WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        await using var stream = PrivateFiles.CreateNew(path);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        return stream.Length;
    }

    /// <summary>A text without control characters. Names and messages come from outside: a line feed would forge a line, an escape sequence would reach a terminal.</summary>
    public static string OneLine(string message) =>
        message.Any(char.IsControl)
            ? string.Concat(message.Select(character => char.IsControl(character) ? $"\\u{(int)character:x4}" : character.ToString()))
            : message;
}
