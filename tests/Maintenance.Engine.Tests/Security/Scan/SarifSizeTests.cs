using System.Text;
using Maintenance.Engine.Security.Scan.Sarif;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>SARIF of 200 MB, made as it is read, so that no copy of it is anywhere.</summary>
public sealed class SarifSizeTests
{
    private const long Size = 200L * 1024 * 1024;

    [Fact]
    public void Two_hundred_megabytes_are_read_without_being_held()
    {
        const int Results = 4000;
        var filler = new string('x', (int)(Size / Results) - 200);
        IEnumerable<string> Parts()
        {
            yield return """{ "version": "2.1.0", "runs": [ { "results": [ """;
            for (var index = 0; index < Results; index++)
            {
                yield return $$"""{{(index == 0 ? "" : ",")}} { "ruleId": "R{{index % 7}}", "message": { "text": "flaw" }, "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "src/{{index}}.js" }, "region": { "snippet": { "text": " """;
                yield return filler;
                yield return """ " } } } } ] }""";
            }

            yield return """ ], "tool": { "driver": { "name": "big", "rules": [] } } } ] }""";
        }

        var stream = new MadeStream(Parts());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var reading = SarifFile.Read(stream, ScanKind.Code, "/srv/app");
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Null(reading.Problem);
        Assert.Equal(Results, reading.Flaws.Count);
        Assert.True(stream.Total > Size * 9 / 10, $"{stream.Total} bytes were made.");
        Assert.True(held < 32 * 1024 * 1024, $"{held} bytes are held.");
    }

    [Fact]
    public void One_string_of_two_hundred_megabytes_is_cut_while_it_is_read()
    {
        var block = new string('x', 1024 * 1024);
        var stream = new MadeStream([
            """{ "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "big" } }, "results": [ { "ruleId": "R", "message": { "text": " """, .. Enumerable.Repeat(block, 200), """ " } } ] } ] }""",
        ]);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var reading = SarifFile.Read(stream, ScanKind.Code, "/srv/app");
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.Null(reading.Problem);
        Assert.InRange(Assert.Single(reading.Flaws).Message.Length, 100, 1000);
        Assert.True(allocated < 16 * 1024 * 1024, $"{allocated} bytes were allocated.");
    }

    /// <summary>Gives the bytes of texts, one after the other; nothing is allocated for them.</summary>
    private sealed class MadeStream(IEnumerable<string> parts) : Stream
    {
        private readonly IEnumerator<string> _parts = parts.GetEnumerator();
        private string _part = "";
        private int _at;

        public long Total { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            while (_at == _part.Length)
            {
                if (!_parts.MoveNext())
                {
                    return 0;
                }

                (_part, _at) = (_parts.Current, 0);
            }

            var length = Math.Min(count, _part.Length - _at);
            Encoding.ASCII.GetBytes(_part, _at, length, buffer, offset);
            _at += length;
            Total += length;
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _parts.Dispose();
            base.Dispose(disposing);
        }
    }
}
