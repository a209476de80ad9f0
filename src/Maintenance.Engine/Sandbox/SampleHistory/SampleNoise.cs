namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>
/// Chance that can be asked again: the number for a step and a stream hangs on these and the seed alone, never on what was asked before.
/// </summary>
internal sealed class SampleNoise(int seed)
{
    /// <summary>From 0 to below 1.</summary>
    /// <param name="stream">What it is for: two streams do not hang together.</param>
    /// <param name="step">Which of the stream.</param>
    public double Uniform(string stream, long step) => (Mix(Mix(HashOf(stream) ^ (ulong)(uint)seed) ^ (ulong)step) >> 11) * (1.0 / (1UL << 53));

    /// <summary>From a normal distribution with mean 0 and deviation 1 (Box and Muller 1958), cut off at four deviations.</summary>
    public double Normal(string stream, long step)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform(stream, 2 * step)));
        return Math.Clamp(radius * Math.Cos(2 * Math.PI * Uniform(stream, 2 * step + 1)), -4, 4);
    }

    /// <summary>A factor around 1 that is never negative.</summary>
    public double Factor(string stream, long step, double spread) => Math.Exp(spread * Normal(stream, step) - spread * spread / 2);

    /// <summary>An id of a time.</summary>
    public Guid Id(string stream, DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        for (var index = 8; index < bytes.Length; index++)
        {
            bytes[index] = (byte)(256 * Uniform(stream, at.ToUnixTimeSeconds() * 16 + index));
        }

        // What CreateVersion7 draws by itself, and the variant of RFC 9562.
        bytes[6] = 0x70;
        bytes[7] = 0;
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    // SplitMix64 (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    // FNV-1a; the runtime's own hash of a text differs from process to process.
    private static ulong HashOf(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 0x100000001B3;
        }

        return hash;
    }
}
