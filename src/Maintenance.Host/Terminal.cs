#pragma warning disable RS0030 // The host's own console type: the one place that writes to the console and reads from it.
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;

namespace Maintenance.Host;

/// <summary>Standard input, output and error, and what is known about them.</summary>
internal sealed class Terminal
{
    // Wide enough that tables in logs and files are not cut.
    private const int RedirectedWidth = 160;

    private readonly Lock _gate = new();
    private readonly bool _outputIsTerminal = !Console.IsOutputRedirected;
    private bool _statusShown;
    private volatile bool _waiting;

    public Terminal()
    {
        var understandsSequences = Environment.GetEnvironmentVariable("TERM") != "dumb" && VirtualTerminal.Enable();
        var wantsColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        InputIsTerminal = !Console.IsInputRedirected;
        OutputHasColor = understandsSequences && wantsColor && _outputIsTerminal;
        ErrorHasColor = understandsSequences && wantsColor && !Console.IsErrorRedirected;
        CanMoveCursor = understandsSequences && !Console.IsErrorRedirected;
    }

    public bool InputIsTerminal { get; }

    public bool OutputHasColor { get; }

    public bool ErrorHasColor { get; }

    /// <summary>Whether lines on standard error can be drawn over.</summary>
    public bool CanMoveCursor { get; }

    /// <summary>Whether somebody is asked to type just now.</summary>
    public bool IsWaitingForInput => _waiting;

    public Size Size => _outputIsTerminal && Console.WindowWidth > 0
        ? new Size(Console.WindowWidth, Console.WindowHeight)
        : new Size(RedirectedWidth, 50);

    public void Write(string text) => Write(Console.Out, text, OutputHasColor);

    public void WriteLine(string text) => Write(Console.Out, text + Environment.NewLine, OutputHasColor);

    public void WriteError(string text) => Write(Console.Error, text, ErrorHasColor);

    public void WriteErrorLine(string text) => Write(Console.Error, text + Environment.NewLine, ErrorHasColor);

    /// <summary>Draws on the screen, with whatever sequences that takes.</summary>
    public void Draw(string sequences)
    {
        lock (_gate)
        {
            EraseStatus();
            Console.Error.Write(sequences);
        }
    }

    /// <summary>Shows a line that the next output replaces; only on a terminal.</summary>
    public void ShowStatus(string text)
    {
        if (!CanMoveCursor)
        {
            return;
        }

        lock (_gate)
        {
            var plain = new StringDecorated(text).ToString(OutputRendering.PlainText);
            Console.Error.Write($"\r\e[K{Cut(plain, Size.Width - 1)}");
            _statusShown = true;
        }
    }

    public void ClearStatus()
    {
        lock (_gate)
        {
            EraseStatus();
        }
    }

    public string? ReadLine() => Wait(Console.In.ReadLine);

    public string ReadToEnd() => Wait(Console.In.ReadToEnd);

    /// <summary>Takes the keyboard: until it is given back nothing is echoed and Ctrl+C is a key like others.</summary>
    public KeyReader ReadKeys() => new(this);

    private T Wait<T>(Func<T> read)
    {
        _waiting = true;
        try
        {
            return read();
        }
        finally
        {
            _waiting = false;
        }
    }

    private void Write(TextWriter writer, string text, bool color)
    {
        lock (_gate)
        {
            EraseStatus();
            writer.Write(color ? text : new StringDecorated(text).ToString(OutputRendering.PlainText));
        }
    }

    private void EraseStatus()
    {
        if (_statusShown)
        {
            Console.Error.Write("\r\e[K");
            _statusShown = false;
        }
    }

    private static string Cut(string text, int cells)
    {
        while (CellWidth.Of(text) > cells)
        {
            text = text[..^1];
        }

        return text;
    }

    /// <summary>The keyboard, while it is taken.</summary>
    internal sealed class KeyReader : IDisposable
    {
        private readonly Terminal _terminal;

        public KeyReader(Terminal terminal)
        {
            _terminal = terminal;
            Console.TreatControlCAsInput = true;
        }

        public ConsoleKeyInfo Next() => _terminal.Wait(() => Console.ReadKey(intercept: true));

        public void Dispose() => Console.TreatControlCAsInput = false;
    }
}
