using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>The checksum of a file by one of the algorithms that a manifest of a base backup may name.</summary>
internal abstract class FileChecksum : IDisposable
{
    /// <summary>What pg_basebackup uses unless it is told otherwise.</summary>
    public const string Usual = "CRC32C";

    /// <summary>Begins one; null for an algorithm that is not known.</summary>
    /// <param name="algorithm">Its name in the manifest.</param>
    public static FileChecksum? Begin(string algorithm) => algorithm.ToUpperInvariant() switch
    {
        Usual => new Crc32C(),
        "SHA224" => new Hash224(),
        "SHA256" => new Hash(HashAlgorithmName.SHA256),
        "SHA384" => new Hash(HashAlgorithmName.SHA384),
        "SHA512" => new Hash(HashAlgorithmName.SHA512),
        _ => null,
    };

    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>The checksum as the manifest writes it.</summary>
    public abstract byte[] Finish();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>Castagnoli's CRC by the processor's own instruction; the manifest writes its bytes from the lowest.</summary>
    private sealed class Crc32C : FileChecksum
    {
        private uint _crc = uint.MaxValue;

        public override void Append(ReadOnlySpan<byte> data)
        {
            var crc = _crc;
            foreach (var word in MemoryMarshal.Cast<byte, ulong>(data))
            {
                crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
            }

            foreach (var single in data[(data.Length / 8 * 8)..])
            {
                crc = BitOperations.Crc32C(crc, single);
            }

            _crc = crc;
        }

        public override byte[] Finish()
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, ~_crc);
            return bytes;
        }
    }

    private sealed class Hash(HashAlgorithmName algorithm) : FileChecksum
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);

        public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

        public override byte[] Finish() => _hash.GetHashAndReset();

        public override void Dispose()
        {
            _hash.Dispose();
            base.Dispose();
        }
    }

    private sealed class Hash224 : FileChecksum
    {
        private readonly Sha224 _hash = new();

        public override void Append(ReadOnlySpan<byte> data) => _hash.Append(data);

        public override byte[] Finish() => _hash.Finish();
    }
}
