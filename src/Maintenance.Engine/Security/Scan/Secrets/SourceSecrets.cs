using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>A secret in a line of source code.</summary>
/// <param name="Kind">Its kind, as a rule's name.</param>
/// <param name="Severity">How much it is worth to somebody who finds it.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="IsBare">It stands without quotes, which counts in settings only.</param>
internal sealed record SourceSecret(string Kind, FindingSeverity Severity, int Line, bool IsBare);

/// <summary>
/// Finds secrets in source code, line by line. What <see cref="SecretDetector"/> takes for a secret is looked at once more, since code speaks of secrets all the time: expressions, samples in
/// documentation, keys that the whole world knows.
/// </summary>
internal static partial class SourceSecrets
{
    // What a line must have to be worth the patterns; a search for all of them at once is many times faster than any of these.
    private static readonly SearchValues<string> Hints = SearchValues.Create(
        [
            "pass", "pwd", "secret", "token", "apikey", "_key", "-key", "accesskey", "privatekey", "private key", "encryptionkey", "encryptkey", "signingkey", "signkey", "masterkey", "hmackey", "credential",
            "authorization", "bearer", "eyJ", "hooks.slack", "AKIA", "ASIA", "Key=", "sig=", "sb_", "sbp_", "sk_", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "xox", "AIza", "-----BEGIN", "://",
        ],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text may hold any: if not, its lines need not be looked at.</summary>
    /// <param name="text">The text.</param>
    public static bool MayHold(ReadOnlySpan<char> text) => text.ContainsAny(Hints);

    /// <summary>Where the first sign of one stands; less than 0 for none.</summary>
    /// <param name="text">The text.</param>
    public static int FirstHint(ReadOnlySpan<char> text) => text.IndexOfAny(Hints);

    /// <summary>The secrets in a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="number">Its number.</param>
    /// <param name="isSettings">The file holds settings, where a value stands without quotes; in code, what stands without quotes is an expression.</param>
    /// <param name="next">The lines after it, for a key's header.</param>
    public static IEnumerable<SourceSecret> In(string line, int number, bool isSettings, IReadOnlyList<string> next)
    {
        if (!MayHold(line))
        {
            yield break;
        }

        foreach (var place in SecretDetector.Places(line))
        {
            var value = line.Substring(place.Start, place.Length);
            var bare = place.Announcement is not null && (place.Start == 0 || line[place.Start - 1] is not ('"' or '\'' or '`'));
            var real = place.Announcement is { } announcement
                ? (!bare || (isSettings && !Expression().IsMatch(value))) && IsValue(value, announcement)
                : place.Kind == "private key" ? HasKey(line[(place.Start + place.Length)..], next) : !Placeholder.Is(value) && !Reference().IsMatch(value);
            if (real && Judge(place.Kind, value) is var (kind, severity))
            {
                yield return new SourceSecret(kind, severity, number, bare);
            }
        }
    }

    // What a token says of itself decides what it is worth; a demonstration's is worth nothing.
    private static (string Kind, FindingSeverity Severity)? Judge(string kind, string value) => kind switch
    {
        "JSON web token of the service role" => Claim(value, "iss") == "supabase-demo" ? null : ("supabase-service-role-token", FindingSeverity.Critical),
        "JSON web token" => (Claim(value, "iss"), Claim(value, "role")) switch
        {
            ("supabase-demo", _) => null,
            (_, "anon") => ("supabase-anonymous-token", FindingSeverity.Info),
            _ => ("json-web-token", FindingSeverity.Medium),
        },
        "private key" => ("private-key", FindingSeverity.Critical),
        _ when kind.StartsWith("value named ", StringComparison.Ordinal) => ("named-value", FindingSeverity.Medium),
        _ => (kind.Replace(' ', '-').ToLowerInvariant(), FindingSeverity.High),
    };

    private static string? Claim(string token, string name)
    {
        try
        {
            var part = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
            using var claims = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '='))));
            return claims.RootElement.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // PASSWORD 'x' is how SQL gives a role one; else what only stands after a name is prose.
    private static bool IsValue(string value, string announcement) =>
        (announcement.Contains('=', StringComparison.Ordinal) || announcement.Contains(':', StringComparison.Ordinal) || announcement.TrimStart().StartsWith('-') || SqlPassword().IsMatch(announcement))
        && !Words().IsMatch(value)
        && !Reference().IsMatch(value);

    // A key is its header and what follows; a header alone is a text about keys. Proc-Type and DEK-Info stand before an encrypted one, then an empty line.
    private static bool HasKey(string rest, IReadOnlyList<string> next) =>
        KeyMaterial().IsMatch(rest)
        || next.SkipWhile(line => line.Trim().Length == 0 || (line.Contains(':', StringComparison.Ordinal) && !KeyMaterial().IsMatch(line))).Take(1).Any(line => KeyMaterial().IsMatch(line));

    [GeneratedRegex(@"[A-Za-z0-9+/]{32,}")]
    private static partial Regex KeyMaterial();

    // a.b, a.b(c), a[b], a::b: something that gets a value rather than one.
    [GeneratedRegex(@"^[A-Za-z_$@][A-Za-z0-9_$]*((\.|::|->|\?\.)[A-Za-z_$][A-Za-z0-9_$]*)+|[(\[]|^[a-z]+[A-Z][A-Za-z]*$|^/[a-z]+/")]
    private static partial Regex Expression();

    // SECRET-FOUND, user_name, @scope/package: a name for something, as code is full of.
    [GeneratedRegex(@"^@?[A-Za-z]+([-_./:][A-Za-z]+)*$")]
    private static partial Regex Words();

    // Where a secret lies rather than what it is: a file, a variable, a vault.
    [GeneratedRegex(@"^(\$|%[A-Za-z_]+%|\{\{|#\{|<|\.{0,2}/|~/|[A-Za-z]:\\|https?://|env[:.]|process\.env|secret:|vault:|op://|arn:|projects/|@Microsoft\.KeyVault|refs?[:+])|\$\{|#\{|\{\{|\}\}$|^\{[^{}]*\}$|%\(|%s|\{[0-9]*\}", RegexOptions.IgnoreCase)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^password\s+'$", RegexOptions.IgnoreCase)]
    private static partial Regex SqlPassword();
}
