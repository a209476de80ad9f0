using System.Globalization;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>What all scanners for secrets say of what they find: the rule and the place, and nothing of the secret.</summary>
internal static class SecretFlaws
{
    public const string Recommendation = "Revoke it where it was issued: whoever has a copy of the source has it too, and history keeps what is deleted. Then keep the new one in a vault or in the environment.";

    /// <summary>What to do about a kind of secret that we know.</summary>
    public static string RecommendationFor(string kind) => kind switch
    {
        "supabase-anonymous-token" => "It is made to be public, and is as safe as row security is: Test-DbRowSecurity tries that out. Nothing else is to be done.",
        _ => Recommendation,
    };

    public static IReadOnlyList<FindingMapping> Mappings { get; } = [new("CWE", "CWE-798"), new("GDPR", "Art. 32(1)(a)")];

    /// <summary>One sentence. The scanner's own words may hold the secret, so they are not used.</summary>
    public static string Message(string tool, string rule, string file, int? line, string? commit = null) =>
        $"{file}{(line is { } number ? string.Create(CultureInfo.InvariantCulture, $", line {number}") : "")}{(commit is null ? "" : $", in commit {commit}")}: {tool} found a secret by its rule {rule}.";

    /// <summary>
    /// Rule, file and commit. Several in one file are told apart by their order (<see cref="FlawIdentity"/>): neither by lines, which move, nor by anything made of the secret.
    /// </summary>
    public static string Identity(string rule, string file, string? commit) => $"{rule}\n{file}\n{commit}";

    /// <summary>The rule's own name, without that of the set it came in (<c>preset &gt; rule</c>) or its package (<c>@scope/rule</c>).</summary>
    public static string ShortRule(string rule)
    {
        var own = rule[(rule.LastIndexOf('>') + 1)..].Trim();
        const string Prefix = "@secretlint/secretlint-rule-";
        return own.StartsWith(Prefix, StringComparison.Ordinal) ? own[Prefix.Length..] : own;
    }
}
