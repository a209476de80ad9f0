using System.Security.Cryptography;
using System.Text;

namespace Maintenance;

/// <summary>What makes a finding the same one the next time it is found.</summary>
public static class FindingFingerprint
{
    /// <summary>The first 16 bytes of SHA-256 over the parts, as hexadecimal digits. Parts are told apart, so that no two lists of parts give the same text.</summary>
    /// <param name="parts">What tells it from others; null is another part than an empty text.</param>
    public static string Of(params ReadOnlySpan<string?> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part is null ? "-" : $"{part.Length}:{part}").Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }
}
