using System.Text;

namespace Maintenance.Host;

/// <summary>The line being typed, and where it is on the screen.</summary>
internal sealed class EditedLine
{
    private readonly Terminal _terminal;
    private readonly string _prompt;
    private readonly StringBuilder _text = new();
    private int _caret;

    // Rows between the beginning of the prompt and the cursor.
    private int _cursorRow;

    public EditedLine(Terminal terminal, string prompt)
    {
        _terminal = terminal;
        _prompt = prompt;
        Draw();
    }

    public string Text => _text.ToString();

    public void Replace(string text)
    {
        _text.Clear().Append(text);
        _caret = _text.Length;
        Draw();
    }

    public void Edit(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace when _caret > 0:
                Delete(Before(_caret), _caret);
                break;
            case ConsoleKey.Delete when _caret < _text.Length:
                Delete(_caret, After(_caret));
                break;
            case ConsoleKey.LeftArrow when _caret > 0:
                _caret = Before(_caret);
                break;
            case ConsoleKey.RightArrow when _caret < _text.Length:
                _caret = After(_caret);
                break;
            case ConsoleKey.Home:
                _caret = 0;
                break;
            case ConsoleKey.End:
                _caret = _text.Length;
                break;
            case ConsoleKey.Escape:
                Delete(0, _text.Length);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _text.Insert(_caret++, key.KeyChar);
                }

                break;
        }

        Draw();
    }

    /// <summary>Leaves the line as it is and goes to the next.</summary>
    public void Finish()
    {
        _caret = _text.Length;
        Draw();
        _terminal.WriteErrorLine("");
    }

    private void Delete(int from, int to)
    {
        _text.Remove(from, to - from);
        _caret = from;
    }

    private int Before(int position) => position - (position > 1 && char.IsLowSurrogate(_text[position - 1]) ? 2 : 1);

    private int After(int position) => position + (char.IsHighSurrogate(_text[position]) && position + 1 < _text.Length ? 2 : 1);

    private void Draw()
    {
        var text = _prompt + _text;
        var (endRow, endColumn) = Place(text);
        var (caretRow, caretColumn) = Place(text[..(_prompt.Length + _caret)]);

        var screen = new StringBuilder();
        Move(screen, _cursorRow, 'A');
        screen.Append("\r\e[J").Append(text);
        if (endColumn == 0 && endRow > 0)
        {
            // The terminal waits at the end of a full row; this takes it to the next, where we count it to be.
            screen.Append("\r\n");
        }

        Move(screen, endRow - caretRow, 'A');
        screen.Append('\r');
        Move(screen, caretColumn, 'C');
        _cursorRow = caretRow;
        _terminal.Draw(screen.ToString());
    }

    private (int Row, int Column) Place(string text)
    {
        var width = _terminal.Size.Width;
        var (row, column) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var cells = CellWidth.Of(rune);
            if (column + cells > width)
            {
                (row, column) = (row + 1, 0);
            }

            column += cells;
        }

        return column == width ? (row + 1, 0) : (row, column);
    }

    private static void Move(StringBuilder screen, int by, char direction)
    {
        if (by > 0)
        {
            screen.Append("\e[").Append(by).Append(direction);
        }
    }
}
