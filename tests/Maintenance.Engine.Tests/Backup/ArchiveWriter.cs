using System.Text;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>Writes archives as pg_dump of each version does, for versions whose pg_dump is not on this machine.</summary>
internal sealed class ArchiveWriter(int minor, byte format = 1, byte numberBytes = 4, byte offsetBytes = 8)
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public ArchiveWriter Header(int compression = 1, string database = "app")
    {
        Bytes([.. "PGDMP"u8, 1, (byte)minor, 0, numberBytes, offsetBytes, format]);
        if (minor >= 15)
        {
            Bytes([(byte)compression]);
        }
        else
        {
            Number(compression == 0 ? 0 : -1);
        }

        foreach (var part in new[] { 5, 4, 3, 2, 0, 126, 0 })
        {
            Number(part);
        }

        return Text(database).Text("17.2").Text("17.2");
    }

    public ArchiveWriter Entry(int id, string description, string name, bool hasData = false, long? offset = null, string? file = "", params int[] dependencies)
    {
        Number(id).Number(hasData ? 1 : 0).Text("1259").Text("16384").Text(name).Text(description).Number(hasData ? 3 : 2).Text("CREATE ...;").Text("").Text(null);
        Text("public").Text("");
        _ = minor >= 14 ? Text("heap") : this;
        _ = minor >= 16 ? Number('r') : this;
        Text("owner").Text("false");
        foreach (var dependency in dependencies)
        {
            Text($"{dependency}");
        }

        Text(null);
        if (format == 1)
        {
            Bytes([(byte)(offset is null ? 1 : 2)]);
            return Bytes(BitConverter.GetBytes(offset ?? 0).AsSpan(0, offsetBytes));
        }

        return Text(file);
    }

    public ArchiveWriter Number(long number)
    {
        Bytes([(byte)(number < 0 ? 1 : 0)]);
        return Bytes(BitConverter.GetBytes(Math.Abs(number)).AsSpan(0, numberBytes));
    }

    public ArchiveWriter Text(string? text)
    {
        if (text is null)
        {
            return Number(-1);
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        return Number(bytes.Length).Bytes(bytes);
    }

    public ArchiveWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
