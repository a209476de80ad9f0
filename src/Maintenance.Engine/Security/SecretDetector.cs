using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security;

/// <summary>A secret in a text: its kind, and a text that shows enough to find it and too little to use it.</summary>
internal sealed record FoundSecret(string Kind, string Redacted);

/// <summary>Where a secret stands in a text.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Announcement">What stands before it and announces it; null where its form tells.</param>
internal sealed record SecretPlace(string Kind, int Start, int Length, string? Announcement);

/// <summary>Finds secrets in texts: by the form that those who issue them give them, else by a name that announces one and a value as irregular as one.</summary>
internal static partial class SecretDetector
{
    /// <summary>What a text must have to be worth a look, as PostgreSQL reads it: far too wide, so that nothing is missed.</summary>
    public const string CandidatePattern = "pass|pwd|secret|token|[a-z].?key|credential|authorization|bearer|eyJ|hooks\\.slack|AKIA|AccountKey|sig=|sb_|sk_|gh[pousr]_|-----BEGIN|://[^ ]*:[^ ]*@";

    /// <summary>Less irregular than this (bits for a character) is a word rather than a secret.</summary>
    private const double LeastEntropy = 3.0;

    private const int LeastLength = 8;

    private const string Header = "authorization header";

    private static readonly (string Kind, Regex Pattern)[] Known =
    [
        ("private key", PrivateKey()),
        ("JSON web token", JsonWebToken()),
        ("Slack webhook", SlackWebhook()),
        ("Slack token", SlackToken()),
        ("AWS access key", AwsKey()),
        ("Azure storage key", AzureKey()),
        ("Azure shared access signature", AzureSignature()),
        ("Supabase secret key", SupabaseKey()),
        ("Stripe key", StripeKey()),
        ("GitHub token", GitHubToken()),
        ("Google API key", GoogleKey()),
        ("connection string with a password", Address()),
        (Header, AuthorizationHeader()),
    ];

    /// <summary>Where secrets stand in a text, in its order, each place once: by form first, by name where no form says more.</summary>
    /// <param name="text">The text.</param>
    public static IReadOnlyList<SecretPlace> Places(string text)
    {
        var places = new List<SecretPlace>();
        foreach (var (kind, pattern) in Known)
        {
            for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
            {
                if (kind == Header && !IsSecret(match.Groups["v"].Value))
                {
                    continue;
                }

                Add(kind == "JSON web token" ? KindOfToken(match.Value) : kind, match.Groups["v"].Success ? match.Groups["v"] : match, null);
            }
        }

        for (var match = Announced().Match(text); match.Success; match = match.NextMatch())
        {
            if (IsSecret(match.Groups["v"].Value))
            {
                Add($"value named {match.Groups["n"].Value.ToLowerInvariant()}", match.Groups["v"], match);
            }
        }

        return [.. places.OrderBy(place => place.Start)];

        void Add(string kind, Capture secret, Match? announced)
        {
            if (!places.Any(place => secret.Index < place.Start + place.Length && place.Start < secret.Index + secret.Length))
            {
                places.Add(new SecretPlace(kind, secret.Index, secret.Length, announced is null ? null : text[announced.Index..secret.Index]));
            }
        }
    }

    /// <summary>The text with nothing of its secrets but their length.</summary>
    /// <param name="text">The text.</param>
    public static string Mask(string text)
    {
        foreach (var place in Places(text).Reverse())
        {
            text = string.Concat(text.AsSpan(0, place.Start), Redact(text.Substring(place.Start, place.Length)), text.AsSpan(place.Start + place.Length));
        }

        return text;
    }

    /// <summary>Secrets in a text, each kind once; by name only where none is found by its form.</summary>
    public static IReadOnlyList<FoundSecret> Find(string text)
    {
        var places = Places(text);
        var known = places.Where(place => place.Announcement is null).DistinctBy(place => place.Kind).ToList();
        return [.. (known.Count > 0 ? known : places.Take(1)).Select(place => new FoundSecret(place.Kind, Redact(text.Substring(place.Start, place.Length))))];
    }

    /// <summary>A secret by the name of what holds it, such as a setting app.jwt_secret.</summary>
    public static IReadOnlyList<FoundSecret> Find(string name, string value) => Find(value) is { Count: > 0 } found
        ? found
        : NameOfSecret().IsMatch(name) && IsSecret(value) ? [new FoundSecret($"value of {name}", Redact(value))] : [];

    /// <summary>Nothing of the value but its length.</summary>
    public static string Redact(string value) => $"[redacted, {value.Length} characters]";

    private static bool IsSecret(string value) =>
        value.Length >= LeastLength && !Harmless().IsMatch(value) && !Placeholder.Is(value) && Entropy(value) >= Math.Min(LeastEntropy, Math.Log2(value.Length) - 0.5) && value.Any(character => !char.IsAsciiLetter(character));

    private static double Entropy(string value) => value.GroupBy(character => character)
        .Sum(group => -((double)group.Count() / value.Length) * Math.Log2((double)group.Count() / value.Length));

    // The middle part says whom it speaks for: a service role's is worth everything, an anonymous one's is public.
    private static string KindOfToken(string token)
    {
        try
        {
            var part = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
            using var claims = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '='))));
            return claims.RootElement.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String && role.GetString() is "service_role" or "supabase_admin"
                ? "JSON web token of the service role"
                : "JSON web token";
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return "JSON web token";
        }
    }

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{10,}")]
    private static partial Regex JsonWebToken();

    [GeneratedRegex(@"hooks\.slack\.com/(services|workflows|triggers)/(?<v>[A-Za-z0-9_/-]{20,})")]
    private static partial Regex SlackWebhook();

    [GeneratedRegex(@"\bxox[abprse]-[A-Za-z0-9-]{10,}")]
    private static partial Regex SlackToken();

    [GeneratedRegex(@"\b(AKIA|ASIA)[A-Z2-7]{16}\b")]
    private static partial Regex AwsKey();

    [GeneratedRegex(@"\b(Account|SharedAccess)Key=(?<v>[A-Za-z0-9+/=]{40,})")]
    private static partial Regex AzureKey();

    // In XML and HTML the ampersand is &amp;, in JSON it may be \u0026.
    [GeneratedRegex(@"([?&;]|\\u0026)sig=(?<v>[A-Za-z0-9%+/=]{20,})")]
    private static partial Regex AzureSignature();

    [GeneratedRegex(@"\b(sb_secret_|sbp_)[A-Za-z0-9_-]{16,}")]
    private static partial Regex SupabaseKey();

    [GeneratedRegex(@"\b[sr]k_(live|test)_[A-Za-z0-9]{16,}")]
    private static partial Regex StripeKey();

    [GeneratedRegex(@"\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})")]
    private static partial Regex GitHubToken();

    [GeneratedRegex(@"\bAIza[A-Za-z0-9_-]{35}")]
    private static partial Regex GoogleKey();

    // What a percent sign begins is a character of the password only where two digits follow.
    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]*://[^\s/:@'""]*:(?<v>([^\s/@'""$%{}<>]|%[0-9A-F]{2}){3,})@", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex(@"\bauthorization\\?[""'`]?\s*[:=,]\s*\\?[""'`]?(bearer|basic|token)\s+(?<v>[A-Za-z0-9._~+/-]{8,}=*)", RegexOptions.IgnoreCase)]
    private static partial Regex AuthorizationHeader();

    // name = 'value', name: value, name => 'value', password value: with or without quotes. Between quotes a value may hold what else would end it. Names that are used for much else, such as
    // token, announce only what is assigned to them.
    [GeneratedRegex(
        @"(?<![A-Za-z0-9])(?:(?<n>[A-Za-z0-9_.-]{0,40}?(password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|bearer|credential)s?)\\?[""'`]?\s*(:=|=>|[:=]|\s)"
        + @"|(?<n>[A-Za-z0-9_.-]{0,40}?(tokens?|[_.-]pass|(?<![A-Za-z0-9_.-])pass|(secret|encryption|encrypt|signing|sign|master|crypto?|hmac|session|cookie|jwt|account|storage|service_?role)[_-]?key|api-key)[0-9]{0,2})\\?[""'`]?\s*(:=|=>|[:=]))"
        + @"\s*(?:\\?(?<q>[""'`])(?<v>[^\s""'`\\]{8,200})\\?\k<q>|\\?[""'`]?(?<v>[^\s""'`,;(){}<>$\\]{8,200}))", RegexOptions.IgnoreCase)]
    private static partial Regex Announced();

    [GeneratedRegex(@"(password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|credential)s?(_|$|\.)|[_.]pass$|jwt", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfSecret();

    // Expressions, names of columns and functions, where a secret lies rather than what it is, and what has been taken out already.
    [GeneratedRegex(@"^(new|old|excluded|current_setting|v_|p_|_)[a-z_.]*$|^[a-z_]+\.[a-z_]+$|^[a-z_]+\(|::[a-z_ ]+$|^(env:|secret:|vault:|op://)|^[A-Za-z_]+$|\[redacted", RegexOptions.IgnoreCase)]
    private static partial Regex Harmless();
}
