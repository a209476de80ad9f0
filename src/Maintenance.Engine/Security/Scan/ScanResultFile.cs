using System.Text;

namespace Maintenance.Engine.Security.Scan;

/// <summary>A file that a scanner wrote.</summary>
internal static class ScanResultFile
{
    /// <summary>The largest result that is read. A larger one is a problem, and is not read in part.</summary>
    public const long MostBytes = 1024 * 1024 * 1024;

    private const int BeginningLength = 8 * 1024;

    /// <summary>The beginning of a file, in whichever of Unicode's forms a shell wrote it.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Beginning(string file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        var buffer = new char[BeginningLength];
        return new string(buffer, 0, reader.ReadBlock(buffer));
    }

    /// <summary>Has a scanner read a result. Whatever is wrong with it is the reading's problem.</summary>
    /// <param name="scanner">The scanner.</param>
    /// <param name="file">The file.</param>
    /// <param name="end">How the program ended; null if another run wrote the file.</param>
    /// <param name="path">What was scanned.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ScanReading Read(Scanner scanner, string file, ScanEnd? end, string path)
    {
        var errors = end is null ? "" : $"; {scanner.Program} ended with exit code {end.ExitCode}: {end.Errors}";
        using var result = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
        if (result.Length > MostBytes)
        {
            return TooLarge(scanner);
        }

        if (result.Length == 0)
        {
            return ScanReading.Failed($"its result is empty{errors}");
        }

        try
        {
            return scanner.Read(result, end, path);
        }
        catch (InvalidDataException exception)
        {
            return ScanReading.Failed($"its result cannot be read: {exception.Message}{errors}");
        }
    }

    /// <summary>What to say of a result that is not read because of its size.</summary>
    /// <param name="scanner">The scanner.</param>
    public static ScanReading TooLarge(Scanner scanner) =>
        ScanReading.Failed($"its result is larger than {MostBytes / (1024 * 1024 * 1024)} GB and was not read", $"Have {scanner.Program} scan fewer files at a time.");
}
