using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Adds up the files of one folder while a listing goes by.</summary>
internal sealed class FolderTally : IDisposable
{
    private readonly IncrementalHash _tags = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string _folder = "";
    private string? _first;

    /// <summary>Bytes of its files.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many files.</summary>
    public long Files { get; private set; }

    /// <summary>When the last of them was received.</summary>
    public DateTimeOffset Modified { get; private set; }

    /// <summary>What changes with any of them. Ends the tally.</summary>
    public string? TakeETag() => Files <= 1 ? _first : string.Create(CultureInfo.InvariantCulture, $"{Files}-{Convert.ToHexStringLower(_tags.GetHashAndReset())[..32]}");

    /// <summary>Adds a file, and begins anew if it lies in another folder than the one before.</summary>
    public void Add(StoreEntry entry)
    {
        var folder = entry.Name[..(entry.Name.LastIndexOf('/') + 1)];
        if (folder != _folder)
        {
            (_folder, Bytes, Files, Modified) = (folder, 0, 0, DateTimeOffset.MinValue);
            _ = _tags.GetHashAndReset();
        }

        Count(entry);
    }

    /// <summary>Adds a file, wherever it lies.</summary>
    public void Count(StoreEntry entry)
    {
        _first = entry.ETag;
        Files++;
        Bytes += entry.SizeBytes;
        Modified = entry.LastModified > Modified ? entry.LastModified : Modified;
        _tags.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\n{entry.ETag}\n"));
    }

    public void Dispose() => _tags.Dispose();
}
