using System.Globalization;
using System.Text;

namespace Maintenance.Engine.Tasks;

/// <summary>The timestamped log of one run (guide D0). Kept in memory, and written once its outcome is in it.</summary>
internal sealed class RunLog(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();

    /// <summary>Adds a line: UTC time of day and the message, made harmless to whoever reads the log.</summary>
    public void Add(string message)
    {
        var line = $"[{time.GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}] {OneLine(message)}\n";
        lock (_gate)
        {
            _text.Append(line);
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return _text.ToString();
        }
    }

    /// <summary>Writes the log to a file of its own that only this user can read.</summary>
    /// <returns>The file's size in bytes.</returns>
    public async Task<long> WriteAsync(string path, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        await using var stream = PrivateFiles.CreateNew(path);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(ToString()), cancellationToken);
        return stream.Length;
    }

    // Names and messages come from outside: a line feed would forge a line, an escape sequence would reach a terminal.
    private static string OneLine(string message) =>
        message.Any(char.IsControl)
            ? string.Concat(message.Select(character => char.IsControl(character) ? $"\\u{(int)character:x4}" : character.ToString()))
            : message;
}
