using System.Globalization;

namespace Maintenance.Engine.Security.Checks;

/// <summary>Extensions and foreign servers: what they open, and whether they are up to date.</summary>
internal static class ExtensionChecks
{
    private static readonly Dictionary<string, string> Dangerous = new(StringComparer.Ordinal)
    {
        ["adminpack"] = "writes files of the server",
        ["dblink"] = "connects to other servers, with what passwords callers give",
        ["file_fdw"] = "reads files and runs programs of the server",
        ["http"] = "sends requests from the server's network",
        ["pg_net"] = "sends requests from the server's network",
        ["pageinspect"] = "reads rows past privileges and row security",
        ["pg_surgery"] = "changes rows past every rule",
        ["xml2"] = "is deprecated, and hands text to an XML library",
    };

    private static readonly string[] Access = ["Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-EXTENSION-DANGEROUS", "No extension reaches past the database", FindingSeverity.Medium, DangerousOnes)
        {
            Recommendation = "Drop it if nothing needs it. Else see that nobody but its users may execute its functions.",
            Cis = ["1.2"],
            Gdpr = Access,
        },
        new("DBSEC-EXTENSION-IN-PUBLIC", "Extensions have a schema of their own", FindingSeverity.Low, InExposedSchema)
        {
            Recommendation = "Its functions lie where an API offers them, or where others may create objects. Move it to a schema that is not exposed.",
            Cis = ["4.10"],
        },
        new("DBSEC-EXTENSION-OUTDATED", "Extensions are as new as the server's files", FindingSeverity.Low, Outdated)
        {
            Recommendation = "Read what the new version changes, and update it.",
            Gdpr = Access,
        },
        new("DBSEC-FDW-PASSWORD", "No password is kept for foreign servers", FindingSeverity.Medium, MappingPasswords)
        {
            Recommendation = "A superuser reads it, and every dump of the database carries it. Use a certificate or a password file on the server (passfile) instead, if you can.",
            Gdpr = ["Art. 32(1)(a)"],
        },
        new("DBSEC-FDW-PUBLIC-MAPPING", "Foreign logins belong to roles", FindingSeverity.Medium, PublicMappings)
        {
            Recommendation = "Everybody who may use the server logs in there as this user. Map the roles that need it one by one.",
            Cis = ["4.6"],
            Gdpr = Access,
        },
    ];

    private static CheckResult DangerousOnes(AuditFacts facts) => CheckResult.Of(
        facts.Extensions.Count,
        from extension in facts.Extensions
        where Dangerous.ContainsKey(extension.Name)
        select new Fault(extension.Quoted, $"The extension {extension.Quoted} {Dangerous[extension.Name]}.")
        {
            Severity = extension.Name is "xml2" or "pageinspect" ? FindingSeverity.Low : FindingSeverity.Medium,
            Evidence = new Dictionary<string, object?> { ["Version"] = extension.Version, ["Schema"] = extension.Schema },
            FixSql = $"DROP EXTENSION {extension.Quoted};",
        });

    private static CheckResult InExposedSchema(AuditFacts facts)
    {
        bool IsOpen(string schema) => schema == "public" || (facts.Exposure.Schemas is not null && facts.Exposure.Includes(schema));
        return CheckResult.Of(
            facts.Extensions.Count,
            from extension in facts.Extensions
            where IsOpen(extension.Schema)
            select new Fault(extension.Quoted, $"The extension {extension.Quoted} is installed in the schema {extension.Schema}.")
            {
                Severity = facts.Exposure.IsSupabase ? FindingSeverity.Low : FindingSeverity.Info,
                Evidence = new Dictionary<string, object?> { ["Schema"] = extension.Schema },
                FixSql = extension.Relocatable ? $"CREATE SCHEMA IF NOT EXISTS extensions; ALTER EXTENSION {extension.Quoted} SET SCHEMA extensions;" : null,
            });
    }

    private static CheckResult Outdated(AuditFacts facts) => CheckResult.Of(
        facts.Extensions.Count,
        from extension in facts.Extensions
        where extension.DefaultVersion is { } newest && IsOlder(extension.Version, newest)
        select new Fault(extension.Quoted, $"The extension {extension.Quoted} is version {extension.Version}; the server has {extension.DefaultVersion}.")
        {
            Evidence = new Dictionary<string, object?> { ["Version"] = extension.Version, ["Available"] = extension.DefaultVersion },
            FixSql = $"ALTER EXTENSION {extension.Quoted} UPDATE;",
        });

    /// <summary>A version comes before another, where both are numbers and points; else it is another.</summary>
    internal static bool IsOlder(string version, string newest)
    {
        var (one, other) = (Numbers(version), Numbers(newest));
        if (one is null || other is null)
        {
            return version != newest;
        }

        for (var i = 0; i < Math.Max(one.Length, other.Length); i++)
        {
            var rank = one.ElementAtOrDefault(i).CompareTo(other.ElementAtOrDefault(i));
            if (rank != 0)
            {
                return rank < 0;
            }
        }

        return false;

        static long[]? Numbers(string text)
        {
            var parts = text.Split('.');
            return parts.All(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                ? [.. parts.Select(part => long.Parse(part, CultureInfo.InvariantCulture))]
                : null;
        }
    }

    private static CheckResult MappingPasswords(AuditFacts facts)
    {
        var hidden = facts.UserMappings.FirstOrDefault(mapping => !mapping.Known);
        return CheckResult.Of(
            facts.UserMappings.Count,
            from mapping in facts.UserMappings
            let kept = mapping.Options?.Where(option => option is "password" or "sslpassword" or "passwd").ToList()
            where kept is { Count: > 0 }
            select new Fault($"{mapping.User} on {mapping.Server}", $"The password with which {mapping.User} logs in to {mapping.Server} is kept in the database.")
            {
                Evidence = new Dictionary<string, object?> { ["Options"] = string.Join(", ", mapping.Options!) },
                FixSql = $"ALTER USER MAPPING FOR {mapping.User} SERVER {mapping.Server} OPTIONS ({string.Join(", ", kept.Select(option => $"DROP {option}"))});",
            }) with
        {
            Denied = hidden is null ? null : new Denial(
                $"the options of the login of {hidden.User} on {hidden.Server}", null,
                "No grant shows them without giving the login away too. The foreign server's owner sees those of PUBLIC, a superuser all: let one of them look into pg_user_mappings."),
        };
    }

    private static CheckResult PublicMappings(AuditFacts facts) => CheckResult.Of(
        facts.UserMappings.Count,
        from mapping in facts.UserMappings
        where mapping.IsPublic
        select new Fault($"PUBLIC on {mapping.Server}", $"Everybody who may use {mapping.Server} logs in there with the login of PUBLIC.")
        {
            FixSql = $"DROP USER MAPPING FOR PUBLIC SERVER {mapping.Server};",
        });
}
