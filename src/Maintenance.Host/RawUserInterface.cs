using System.Management.Automation.Host;

namespace Maintenance.Host;

/// <summary>Tells PowerShell the size of the screen. The host draws no screen of its own: the rest is refused.</summary>
internal sealed class RawUserInterface(Terminal terminal) : PSHostRawUserInterface
{
    public override Size BufferSize
    {
        get => terminal.Size;
        set => throw Unsupported();
    }

    public override Size WindowSize
    {
        get => terminal.Size;
        set => throw Unsupported();
    }

    public override Size MaxWindowSize => terminal.Size;

    public override Size MaxPhysicalWindowSize => terminal.Size;

    public override Coordinates WindowPosition { get; set; }

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override string WindowTitle { get; set; } = "maintenance";

    public override bool KeyAvailable => false;

    public override int LengthInBufferCells(string source) => CellWidth.Of(source);

    public override int LengthInBufferCells(string source, int offset) => CellWidth.Of(source.AsSpan(offset));

    public override int LengthInBufferCells(char source) => CellWidth.Of([source]);

    public override void FlushInputBuffer()
    {
    }

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw Unsupported();

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw Unsupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("The maintenance host does not control the screen.");
}
