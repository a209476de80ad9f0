using System.Buffers.Binary;
using System.Numerics;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>SHA-224 (FIPS 180-4), which the platform does not have and manifests of base backups may use.</summary>
internal sealed class Sha224
{
    private const int Block = 64;

    private static readonly uint[] Constants = [.. Enumerable.Range(2, 400).Where(IsPrime).Take(64).Select(prime => Fraction(Math.Cbrt(prime)))];

    private readonly uint[] _state = [0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4];
    private readonly byte[] _rest = new byte[Block];
    private readonly uint[] _words = new uint[64];
    private int _filled;
    private ulong _bytes;

    public void Append(ReadOnlySpan<byte> data)
    {
        _bytes += (ulong)data.Length;
        while (data.Length > 0)
        {
            var count = Math.Min(Block - _filled, data.Length);
            data[..count].CopyTo(_rest.AsSpan(_filled));
            _filled += count;
            data = data[count..];
            if (_filled == Block)
            {
                Transform(_rest);
                _filled = 0;
            }
        }
    }

    public byte[] Finish()
    {
        var bits = _bytes * 8;
        Append([0x80]);
        while (_filled != Block - 8)
        {
            Append([0]);
        }

        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(length, bits);
        Append(length);
        var hash = new byte[28];
        for (var i = 0; i < 7; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(i * 4), _state[i]);
        }

        return hash;
    }

    private void Transform(ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < 16; i++)
        {
            _words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        }

        for (var i = 16; i < 64; i++)
        {
            var (x, y) = (_words[i - 15], _words[i - 2]);
            var s0 = BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);
            var s1 = BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10);
            _words[i] = _words[i - 16] + s0 + _words[i - 7] + s1;
        }

        var (a, b, c, d) = (_state[0], _state[1], _state[2], _state[3]);
        var (e, f, g, h) = (_state[4], _state[5], _state[6], _state[7]);
        for (var i = 0; i < 64; i++)
        {
            var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var first = h + s1 + ((e & f) ^ (~e & g)) + Constants[i] + _words[i];
            var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var second = s0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        uint[] next = [a, b, c, d, e, f, g, h];
        for (var i = 0; i < 8; i++)
        {
            _state[i] += next[i];
        }
    }

    // The constants are the first 32 bits of the fractions of the cube roots of primes, which a double holds exactly enough.
    private static uint Fraction(double root) => (uint)((root - Math.Floor(root)) * 4294967296.0);

    private static bool IsPrime(int number) => !Enumerable.Range(2, number - 2).Any(divisor => divisor * divisor <= number && number % divisor == 0);
}
