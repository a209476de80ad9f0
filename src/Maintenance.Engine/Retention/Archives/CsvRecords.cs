namespace Maintenance.Engine.Retention;

/// <summary>Counts the lines of CSV while it passes by, as PostgreSQL writes it: a line may go on within quotes. Pure.</summary>
internal sealed class CsvRecords
{
    private bool _quoted;

    /// <summary>Lines so far.</summary>
    public long Count { get; private set; }

    /// <summary>Looks at the next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            // A quote within quotes is written twice: it ends them and begins them again.
            var at = _quoted ? bytes.IndexOf((byte)'"') : bytes.IndexOfAny((byte)'"', (byte)'\n');
            if (at < 0)
            {
                return;
            }

            if (bytes[at] == '"')
            {
                _quoted = !_quoted;
            }
            else
            {
                Count++;
            }

            bytes = bytes[(at + 1)..];
        }
    }
}
