namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// Follows SQL text as psql does, far enough to know what is code and what is quoted or a comment, and where a statement begins.
/// Takes the text in pieces of any size, and keeps none of it. Pure.
/// </summary>
internal sealed class SqlLexer
{
    private readonly List<byte> _tag = [];
    private State _state;
    private byte _last;
    private int _word;
    private int _depth;
    private int _matched;
    private bool _begun;
    private bool _wasBegun;

    private enum State
    {
        Code,
        Text,
        Escaped,
        EscapedNext,
        EscapedQuote,
        Name,
        Tag,
        Dollar,
        Line,
        Block,
    }

    /// <summary>True where the next byte is neither quoted nor in a comment.</summary>
    public bool IsCode => _state == State.Code;

    /// <summary>True where the next byte may begin a statement.</summary>
    public bool IsAtStart => _state == State.Code && !_begun;

    /// <summary>True if every quoted text knows backslashes, as with <c>standard_conforming_strings = off</c>.</summary>
    public bool BackslashEscapes { get; set; }

    /// <summary>Reads on.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at++)
        {
            if (_state == State.Text)
            {
                // Most bytes of INSERT statements.
                var quote = bytes[at..].IndexOf((byte)'\'');
                if (quote < 0)
                {
                    return;
                }

                at += quote;
            }

            Read(bytes[at]);
        }
    }

    private void Read(byte next)
    {
        switch (_state)
        {
            case State.Code:
                Code(next);
                return;
            case State.Text:
                Leave(next == '\'');
                return;
            case State.Name:
                Leave(next == '"');
                return;
            case State.Line:
                Leave(next == '\n');
                return;
            case State.Escaped:
                _state = next switch { (byte)'\\' => State.EscapedNext, (byte)'\'' => State.EscapedQuote, _ => State.Escaped };
                return;
            case State.EscapedNext:
                _state = State.Escaped;
                return;
            case State.EscapedQuote when next == '\'':
                _state = State.Escaped;
                return;
            case State.EscapedQuote:
                Leave(true);
                Code(next);
                return;
            case State.Tag:
                Tag(next);
                return;
            case State.Dollar:
                _matched = next == _tag[_matched] ? _matched + 1 : next == '$' ? 1 : 0;
                Leave(_matched == _tag.Count);
                return;
            default:
                Block(next);
                return;
        }
    }

    private void Code(byte next)
    {
        var (last, word) = (_last, _word);
        _last = next;
        _word = IsWord(next) || (next == '$' && word > 0) ? word + 1 : 0;
        switch (next)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f' or (byte)'\v':
                return;
            case (byte)';':
                _begun = _depth > 0;
                return;
            case (byte)'\\':
                // A command of psql, to the end of its line.
                _state = State.Line;
                return;
            case (byte)'-' when last == '-':
                (_state, _begun) = (State.Line, _wasBegun);
                return;
            case (byte)'*' when last == '/':
                (_state, _begun, _matched, _last) = (State.Block, _wasBegun, 1, 0);
                return;
            case (byte)'-' or (byte)'/':
                _wasBegun = _begun;
                break;
            case (byte)'(':
                _depth++;
                break;
            case (byte)')':
                _depth = Math.Max(0, _depth - 1);
                break;
            case (byte)'"':
                _state = State.Name;
                break;
            case (byte)'\'':
                _state = BackslashEscapes || (word == 1 && last is (byte)'e' or (byte)'E') ? State.Escaped : State.Text;
                break;
            case (byte)'$' when word == 0:
                _tag.Clear();
                _tag.Add(next);
                _state = State.Tag;
                break;
        }

        _begun = true;
    }

    private void Tag(byte next)
    {
        if (next == '$')
        {
            _tag.Add(next);
            (_state, _matched) = (State.Dollar, 0);
        }
        else if (IsWord(next) && !(_tag.Count == 1 && char.IsAsciiDigit((char)next)))
        {
            _tag.Add(next);
        }
        else
        {
            _state = State.Code;
            Code(next);
        }
    }

    // Comments lie in each other.
    private void Block(byte next)
    {
        if ((_last, next) is ((byte)'*', (byte)'/') or ((byte)'/', (byte)'*'))
        {
            _matched += next == '/' ? -1 : 1;
            _last = 0;
            Leave(_matched == 0);
            return;
        }

        _last = next;
    }

    private void Leave(bool isEnd)
    {
        if (isEnd)
        {
            (_state, _last, _word) = (State.Code, 0, 0);
        }
    }

    private static bool IsWord(byte next) => char.IsAsciiLetterOrDigit((char)next) || next == '_' || next >= 0x80;
}
