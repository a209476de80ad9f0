using System.Security;

namespace Maintenance.Host;

/// <summary>A line that was typed.</summary>
/// <param name="Text">The line, or null at the end of the input.</param>
/// <param name="Interrupted">Ctrl+C was pressed instead.</param>
internal readonly record struct TypedLine(string? Text, bool Interrupted = false);

/// <summary>Reads a line from the keyboard: typing, moving, deleting and the lines before. Nothing more.</summary>
internal sealed class LineEditor(Terminal terminal)
{
    private readonly List<string> _history = [];

    /// <summary>Whether earlier lines come back with the up and down keys.</summary>
    public bool Remembers { get; init; }

    public TypedLine Read(string prompt)
    {
        if (!terminal.CanMoveCursor)
        {
            terminal.WriteError(prompt);
            return new TypedLine(terminal.ReadLine());
        }

        using var keys = terminal.ReadKeys();
        var line = new EditedLine(terminal, prompt);
        var recalled = _history.Count;
        while (true)
        {
            var key = keys.Next();
            switch (key)
            {
                case { Key: ConsoleKey.Enter }:
                    line.Finish();
                    Remember(line.Text);
                    return new TypedLine(line.Text);
                case { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }:
                    line.Finish();
                    return new TypedLine(null, Interrupted: true);
                case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } when line.Text.Length == 0:
                    line.Finish();
                    return new TypedLine(null);
                case { Key: ConsoleKey.UpArrow } when recalled > 0:
                    line.Replace(_history[--recalled]);
                    break;
                case { Key: ConsoleKey.DownArrow } when recalled < _history.Count:
                    line.Replace(++recalled < _history.Count ? _history[recalled] : "");
                    break;
                default:
                    line.Edit(key);
                    break;
            }
        }
    }

    /// <summary>Reads without showing what is typed; null on Ctrl+C.</summary>
    public SecureString? ReadSecret(string prompt)
    {
        // The keyboard first: what is typed as soon as the prompt is seen must not be echoed.
        using var keys = terminal.ReadKeys();
        terminal.WriteError(prompt);
        var secret = new SecureString();
        while (true)
        {
            var key = keys.Next();
            switch (key)
            {
                case { Key: ConsoleKey.Enter }:
                    terminal.WriteErrorLine("");
                    return secret;
                case { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }:
                    terminal.WriteErrorLine("");
                    secret.Dispose();
                    return null;
                case { Key: ConsoleKey.Backspace } when secret.Length > 0:
                    secret.RemoveAt(secret.Length - 1);
                    break;
                case { KeyChar: >= ' ' and not '\x7f' }:
                    secret.AppendChar(key.KeyChar);
                    break;
            }
        }
    }

    private void Remember(string text)
    {
        if (Remembers && !string.IsNullOrWhiteSpace(text) && _history.LastOrDefault() != text)
        {
            _history.Add(text);
        }
    }
}
