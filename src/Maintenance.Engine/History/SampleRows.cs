using System.Data.Common;
using System.IO.Compression;
using System.Text;

namespace Maintenance.Engine.History;

/// <summary>Samples as the history keeps them: compressed, since a year of them is kept.</summary>
internal static class SampleRows
{
    public static HistoryStatement Write(Sample sample) => new(
        "WriteSample", StorableText.Of(sample.Target), sample.Kind, sample.Resolution.ToString(), sample.From, sample.Span, Compress(sample.Payload));

    public static HistoryStatement Delete(string target, string kind, SampleResolution resolution, DateTimeOffset from, DateTimeOffset until) =>
        new("DeleteSamples", StorableText.Of(target), kind, resolution.ToString(), from, until);

    public static HistoryStatement Of(string target, string kind, DateTimeOffset since, DateTimeOffset until) =>
        new("ReadSamples", StorableText.Of(target), kind, since, until);

    public static HistoryStatement Earliest(string target, string kind, SampleResolution resolution) =>
        new("ReadEarliestSample", StorableText.Of(target), kind, resolution.ToString());

    /// <summary>Reads a row; null for one of a resolution that a newer version made.</summary>
    public static Sample? Read(string target, string kind, DbDataReader row, Func<int, DateTimeOffset> time, Func<int, TimeSpan> duration) =>
        Enum.TryParse<SampleResolution>(row.GetString(0), out var resolution) && Enum.IsDefined(resolution)
            ? new Sample(target, kind, resolution, time(1), duration(2), Expand(row.GetFieldValue<byte[]>(3)))
            : null;

    private static byte[] Compress(string text)
    {
        using var bytes = new MemoryStream();
        using (var brotli = new BrotliStream(bytes, CompressionLevel.Optimal))
        {
            brotli.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private static string Expand(byte[] bytes)
    {
        using var brotli = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(brotli, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
