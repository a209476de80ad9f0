using System.Text;

namespace Maintenance.Engine.Programs;

/// <summary>Reads what a program writes line by line, and keeps only the beginning of very long ones: they can be of any length.</summary>
internal static class ProgramLines
{
    private const int Longest = 16 * 1024;

    /// <summary>Reads to the end.</summary>
    /// <param name="reader">What the program writes.</param>
    /// <param name="told">Told of each line.</param>
    public static async Task ReadAsync(StreamReader reader, Action<string> told)
    {
        var buffer = new char[8192];
        var line = new StringBuilder();
        try
        {
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                foreach (var character in buffer.AsSpan(0, count))
                {
                    if (character == '\n')
                    {
                        told(line.ToString());
                        line.Clear();
                    }
                    else if (line.Length < Longest && character != '\r')
                    {
                        line.Append(character);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was disposed while somebody still held the pipe: what came until then is what there is.
        }

        if (line.Length > 0)
        {
            told(line.ToString());
        }
    }
}
