namespace Maintenance.Engine.Security.Checks;

/// <summary>What an API over the database opens.</summary>
internal static class SupabaseChecks
{
    private static readonly string[] Internal =
        ["auth", "storage", "vault", "cron", "net", "realtime", "_realtime", "extensions", "pgsodium", "supabase_functions", "supabase_migrations", "pgbouncer", "pgmq"];

    private static readonly string[] Access = ["Art. 25(2)", "Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-API-INTERNAL-SCHEMA", "The API offers no internal schema", FindingSeverity.High, ExposedSchemas)
        {
            Recommendation = "Take the schema out of the API's list (pgrst.db_schemas), and offer what is needed through functions in a schema of your own.",
            Gdpr = Access,
        },
        new("DBSEC-API-GRAPHQL", "GraphQL tells strangers no tables", FindingSeverity.Low, GraphQl)
        {
            Recommendation = "With pg_graphql who may select anything of a table also learns its columns and relations. Revoke SELECT where it is not needed, or drop pg_graphql.",
            Gdpr = Access,
        },
        new("DBSEC-STORAGE-LISTING", "Files of public buckets cannot be listed", FindingSeverity.Medium, Listing)
        {
            Recommendation = "Files of a public bucket are read by their address without any policy. Drop the policy, or let it look at the path or the owner.",
            Gdpr = Access,
        },
        new("DBSEC-AUTH-KEY", "Foreign keys to accounts use their primary key", FindingSeverity.Low, AuthKeys)
        {
            Recommendation = "The authentication service may change its other unique keys with any release. Reference auth.users (id).",
        },
        new("DBSEC-API-KEY-AGE", "API keys are renewed in time", FindingSeverity.Medium, KeyAge)
        {
            Recommendation = "Renew the key, and write the day into the configuration (security.apiKeys).",
            Gdpr = ["Art. 32(1)(b)"],
        },
    ];

    private static CheckResult ExposedSchemas(AuditFacts facts) => facts.Exposure.Schemas is not { } schemas
        ? CheckResult.NothingToCheck("there is no API role")
        : CheckResult.Of(
            schemas.Count,
            from schema in schemas
            where Internal.Contains(schema) && !(schema == "pgmq" && schemas.Contains("pgmq_public"))
            where facts.Holders.Any(holder => holder.Kind == "schema" && holder.Name == schema)
            select new Fault(schema, $"The API offers the schema {schema}, which belongs to the platform.") { Evidence = new Dictionary<string, object?> { ["Schemas"] = facts.Exposure.Source } });

    private static CheckResult GraphQl(AuditFacts facts)
    {
        if (!facts.Extensions.Any(extension => extension.Name == "pg_graphql"))
        {
            return CheckResult.NothingToCheck("pg_graphql is not installed");
        }

        var relations = facts.Relations.Values.Where(relation => relation.Kind is not 'p' && !relation.IsExtensions && facts.Exposure.Includes(relation.Schema)).ToList();
        return CheckResult.Of(
            relations.Count,
            from relation in relations
            let roles = facts.Reach.Strangers(relation, "r")
            where roles.Count > 0
            select new Fault(relation.Quoted, $"GraphQL tells {string.Join(", ", roles.Select(facts.Quoted))} the columns of {relation.Quoted}.")
            {
                Evidence = new Dictionary<string, object?> { ["Roles"] = string.Join(", ", roles.Select(facts.Quoted)) },
                FixSql = $"REVOKE SELECT ON {relation.Quoted} FROM {Grants.Revokees(facts, relation, "r")};",
            });
    }

    private static CheckResult Listing(AuditFacts facts)
    {
        if (!facts.Server.HasStorage)
        {
            return CheckResult.NothingToCheck("there is no table storage.buckets");
        }

        if (facts.Server.PublicBuckets is not { } buckets)
        {
            return CheckResult.NotPermitted("all rows of storage.buckets", $"GRANT USAGE ON SCHEMA storage TO {facts.Server.QuotedRole}; GRANT SELECT ON storage.buckets TO {facts.Server.QuotedRole};");
        }

        if (facts.Relations.Values.FirstOrDefault(relation => relation is { Schema: "storage", Name: "objects" }) is not { } objects)
        {
            return CheckResult.NothingToCheck("there is no table storage.objects");
        }

        return CheckResult.Of(
            buckets.Count,
            from bucket in buckets
            from policy in facts.Policies[objects.Oid]
            where policy.Permissive && policy.Command is 'r' or '*' && policy.Roles.Any(facts.Exposure.Strangers.Contains)
            where PolicyExpression.IsAlwaysTrue(policy.Using) || IsBucketAlone(policy.Using, bucket.Id)
            select new Fault($"bucket {bucket.Id}", $"The policy {policy.Quoted} lets {string.Join(", ", policy.Roles.Select(facts.Quoted))} list every file of the public bucket {bucket.Id}.")
            {
                Evidence = new Dictionary<string, object?> { ["Policy"] = policy.Quoted, ["Using"] = policy.Using },
                FixSql = $"DROP POLICY {policy.Quoted} ON {objects.Quoted};",
            });
    }

    private static bool IsBucketAlone(string? text, string bucket)
    {
        var literal = $"'{bucket.Replace("'", "''", StringComparison.Ordinal)}'";
        return text?.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal).Trim() is { } bare
            && (bare == $"bucket_id = {literal}" || bare == $"bucket_id = {literal}::text");
    }

    private static CheckResult AuthKeys(AuditFacts facts) => CheckResult.Of(
        facts.AuthKeys.Count,
        from key in facts.AuthKeys
        select new Fault($"{key.Constraint} on {key.Table}", $"The foreign key {key.Constraint} of {key.Table} references {key.References} by something else than its primary key.")
        {
            Evidence = new Dictionary<string, object?> { ["References"] = key.References },
            FixSql = $"ALTER TABLE {key.Table} DROP CONSTRAINT {key.Constraint};",
        });

    private static CheckResult KeyAge(AuditFacts facts)
    {
        var (keys, most, today) = (facts.Policy.ApiKeys, facts.Policy.ApiKeyMaximumAge, DateOnly.FromDateTime(facts.Now.UtcDateTime));
        if (keys.Count == 0)
        {
            return facts.Exposure.HasApi
                ? new CheckResult { Manual = "the database does not tell when they were made, and the configuration names none (security.apiKeys)" }
                : CheckResult.NothingToCheck("there is no API role, and the configuration names no key");
        }

        // A day that has not come says nothing about the key's age. Clocks of two machines may be a day apart.
        var strange = keys.Where(key => key.ChangedOn > today.AddDays(1)).Select(key => key.Name).ToList();
        return CheckResult.Of(
            keys.Count,
            from key in keys
            let days = today.DayNumber - key.ChangedOn.DayNumber
            where days > most.TotalDays
            select new Fault($"API key {key.Name}", $"The API key {key.Name} was made or changed {days} days ago, on {key.ChangedOn:yyyy-MM-dd}: more than {most.TotalDays:0.#} days.")
            {
                Evidence = new Dictionary<string, object?> { ["ChangedOn"] = key.ChangedOn, ["AgeDays"] = days, ["MaximumAgeDays"] = most.TotalDays },
            }) with
        {
            Unknown = strange.Count > 0 ? $"the configuration says of {string.Join(", ", strange)} a day that has not come" : null,
            Note = $"{keys.Count} in the configuration, none older than {most.TotalDays:0.#} days",
        };
    }
}
