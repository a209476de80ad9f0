using System.Buffers;

namespace Maintenance.Engine.Security.Scan.Json;

/// <summary>
/// Shortens the long strings of a JSON text while it is read, so that no value is larger in memory than it is worth: a scanner may put a whole file into one.
/// What follows stays valid JSON. Outside of strings it lets nothing pass that JSON does not have, nor numbers of thousands of digits.
/// </summary>
internal sealed class LongStringCutter(TextReader inner, int longest = LongStringCutter.Longest) : TextReader
{
    public const int Longest = 2000;

    private const int LongestBare = 256;

    private static readonly SearchValues<char> Special = SearchValues.Create('"', '\\');

    private readonly char[] _source = new char[16 * 1024];
    private bool _inString;
    private bool _afterBackslash;
    private int _hexLeft;
    private int _kept;
    private bool _dropping;
    private int _bare;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        while (true)
        {
            var read = inner.Read(_source, 0, Math.Min(buffer.Length, _source.Length));
            if (read == 0)
            {
                return 0;
            }

            if (Filter(_source.AsSpan(0, read), buffer) is > 0 and var written)
            {
                return written;
            }
        }
    }

    public override int Read() => throw new NotSupportedException("JSON is read in blocks.");

    private int Filter(ReadOnlySpan<char> source, Span<char> destination)
    {
        var written = 0;
        var at = 0;
        while (at < source.Length)
        {
            if (!_inString)
            {
                var character = source[at++];
                Outside(character);
                destination[written++] = character;
            }
            else if (_afterBackslash || _hexLeft > 0)
            {
                var character = source[at++];
                _hexLeft = _afterBackslash && character == 'u' ? 4 : Math.Max(0, _hexLeft - 1);
                _afterBackslash = false;
                if (!_dropping)
                {
                    destination[written++] = character;
                }
            }
            else
            {
                var special = source[at..].IndexOfAny(Special);
                var plain = special < 0 ? source.Length - at : special;
                var keep = Math.Min(plain, Math.Max(0, longest - _kept));
                source.Slice(at, keep).CopyTo(destination[written..]);
                (written, at, _kept) = (written + keep, at + plain, _kept + keep);
                if (special >= 0)
                {
                    written += Mark(source[at++], destination[written..]);
                }
            }
        }

        return written;
    }

    // An escape is kept or dropped as a whole; it counts as one character.
    private int Mark(char character, Span<char> destination)
    {
        if (character == '"')
        {
            _inString = false;
            destination[0] = character;
            return 1;
        }

        _afterBackslash = true;
        _dropping = _kept++ >= longest;
        if (!_dropping)
        {
            destination[0] = character;
        }

        return _dropping ? 0 : 1;
    }

    private void Outside(char character)
    {
        switch (character)
        {
            case '"':
                (_inString, _kept, _dropping, _bare) = (true, 0, false, 0);
                break;
            case ' ' or '\t' or '\r' or '\n' or ',' or ':' or '[' or ']' or '{' or '}':
                _bare = 0;
                break;
            case (>= '0' and <= '9') or (>= 'a' and <= 'z') or '-' or '+' or '.' or 'E' when _bare++ < LongestBare:
                break;
            default:
                throw new InvalidDataException("it holds what JSON does not have");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
