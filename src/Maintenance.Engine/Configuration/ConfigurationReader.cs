using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Configuration;

/// <summary>Makes partial targets out of the text of a configuration file, and says what is wrong with it.</summary>
internal static class ConfigurationReader
{
    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        Converters = { new DurationConverter(), new SecretReferenceConverter(), new SizeConverter(), new DayConverter() },
        // A list in the file replaces the usual one; by itself it would be added to it.
        ObjectCreationHandling = ObjectCreationHandling.Replace,
    });

    /// <summary>Reads a text. Never throws for what is wrong in it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Full path of the file it is from; its folder is where relative paths in it begin.</param>
    public static async Task<ConfigurationFile> ReadAsync(string text, string path)
    {
        var source = JsonSource.Parse(text, path);
        if (source.Root is null)
        {
            return new ConfigurationFile(path, null, Empty, source.Problems);
        }

        IReadOnlyList<ConfigurationProblem> problems = [.. source.Problems, .. await ConfigurationSchema.ValidateAsync(source)];
        if (problems.Count > 0)
        {
            return new ConfigurationFile(path, null, Empty, InOrder([.. problems, .. await BesideAsync(source, path)]));
        }

        var root = (JObject)source.Root;
        Dictionary<string, PartialTarget> targets;
        try
        {
            targets = Targets(root, path);
        }
        catch (JsonSerializationException exception)
        {
            // A pattern cannot tell every address from what only looks like one.
            var problem = source.ProblemAt(root.SelectToken(exception.Path ?? "") ?? root, "This cannot be understood. Look for a mistake in its form.");
            return new ConfigurationFile(path, null, Empty, [problem]);
        }

        return new ConfigurationFile(path, (string?)root["defaultTarget"], targets, InOrder(SemanticChecks.Check(source, root, targets)));
    }

    /// <summary>
    /// What else is wrong with a file that does not fit the schema: the rest of it is looked at for what a schema cannot say, so that nobody mends the one
    /// to be told of the other.
    /// </summary>
    private static async Task<IReadOnlyList<ConfigurationProblem>> BesideAsync(JsonSource source, string path)
    {
        if (source.Root is not JObject root)
        {
            return [];
        }

        source.KeepPaths();
        var named = (root["targets"] as JObject)?.Properties().ToDictionary(property => property.Name, property => property.Value is JObject target && target.ContainsKey("archiveStore"), StringComparer.Ordinal) ?? [];
        if (!await ConfigurationSchema.PruneAsync(root))
        {
            return [];
        }

        try
        {
            var targets = Targets(root, path);
            return
            [
                .. SemanticChecks.Check(source, root, targets).Where(problem =>
                    // What is there and wrong is not missing.
                    !(problem.JsonPath == "$.defaultTarget" && named.ContainsKey((string?)root["defaultTarget"] ?? ""))
                    && !named.Any(target => target.Value && targets.GetValueOrDefault(target.Key) is { ArchiveStore: null } && IsRetentionOf(problem, target.Key))),
            ];
        }
        catch (JsonSerializationException)
        {
            // It is told when the rest is mended.
            return [];
        }
    }

    private static bool IsRetentionOf(ConfigurationProblem problem, string target) =>
        problem.JsonPath.StartsWith($"$.targets.{target}.retention", StringComparison.Ordinal) || problem.JsonPath.StartsWith($"$.targets['{target}'].retention", StringComparison.Ordinal);

    private static Dictionary<string, PartialTarget> Targets(JObject root, string path) => ((JObject)root["targets"]!).Properties().ToDictionary(
        property => property.Name,
        property => WithFullPaths(property.Value.ToObject<PartialTarget>(Serializer)!, Path.GetDirectoryName(path)!),
        StringComparer.Ordinal);

    private static Dictionary<string, PartialTarget> Empty => [];

    private static IReadOnlyList<ConfigurationProblem> InOrder(IEnumerable<ConfigurationProblem> problems) =>
        [.. problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];

    private static PartialTarget WithFullPaths(PartialTarget target, string folder) => target with
    {
        Database = target.Database is { } database ? database with { RootCertificate = FullPath(database.RootCertificate, folder) } : null,
        BackupStore = target.BackupStore is { } backups ? backups with { Path = FullPath(backups.Path, folder) } : null,
        ArtifactStore = target.ArtifactStore is { } artifacts ? artifacts with { Path = FullPath(artifacts.Path, folder) } : null,
        WalArchive = target.WalArchive is { } wal ? wal with { Path = FullPath(wal.Path, folder) } : null,
        Recovery = target.Recovery is { } recovery
            ? recovery with { ScratchPath = FullPath(recovery.ScratchPath, folder), PostgresPath = FullPath(recovery.PostgresPath, folder) }
            : null,
        ArchiveStore = target.ArchiveStore is { } archive ? archive with { Path = FullPath(archive.Path, folder) } : null,
        LogRotation = target.LogRotation is { } rules ? [.. rules.Select(rule => rule with { Path = FullPath(rule.Path, folder) })] : null,
        AuditStore = target.AuditStore is { } audits ? audits with { Path = FullPath(audits.Path, folder) } : null,
        Security = target.Security is { } security
            ? security with
            {
                RowExpectations = FullPath(security.RowExpectations, folder),
                Sources = [.. security.Sources.Select(source => source with { Path = FullPath(source.Path, folder)! })],
            }
            : null,
        History = target.History is { } history ? history with { Path = FullPath(history.Path, folder) } : null,
        Repair = target.Repair is { } repair
            ? repair with
            {
                FunctionDeployment = repair.FunctionDeployment is { } deployment ? deployment with { Source = FullPath(deployment.Source, folder)! } : null,
                // A name alone is looked for on the PATH.
                Remedies = [.. repair.Remedies.Select(remedy => remedy.Program.AsSpan().ContainsAny('/', '\\') || remedy.Program == "~" ? remedy with { Program = FullPath(remedy.Program, folder)! } : remedy)],
            }
            : null,
    };

    private static string? FullPath(string? path, string folder) => path switch
    {
        null => null,
        "~" or ['~', '/' or '\\', ..] => Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..]),
        _ => Path.GetFullPath(path, folder),
    };

    private sealed class DurationConverter : JsonConverter
    {
        public override bool CanConvert(Type objectType) => objectType == typeof(TimeSpan) || objectType == typeof(TimeSpan?);

        public override object ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer) =>
            Durations.TryParse((string)reader.Value!, out var duration)
                ? duration
                : throw new JsonSerializationException("No duration.", reader.Path, 0, 0, null);

        public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) => throw new NotSupportedException();

        public override bool CanWrite => false;
    }

    private sealed class SizeConverter : JsonConverter<long?>
    {
        public override long? ReadJson(JsonReader reader, Type objectType, long? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            ByteSizes.TryParse((string?)reader.Value, out var bytes)
                ? bytes
                : throw new JsonSerializationException("No size.", reader.Path, 0, 0, null);

        public override void WriteJson(JsonWriter writer, long? value, JsonSerializer serializer) => throw new NotSupportedException();

        public override bool CanWrite => false;
    }

    private sealed class DayConverter : JsonConverter<DateOnly>
    {
        public override DateOnly ReadJson(JsonReader reader, Type objectType, DateOnly existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            DateOnly.TryParseExact((string?)reader.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day
                : throw new JsonSerializationException("No day.", reader.Path, 0, 0, null);

        public override void WriteJson(JsonWriter writer, DateOnly value, JsonSerializer serializer) => throw new NotSupportedException();

        public override bool CanWrite => false;
    }

    private sealed class SecretReferenceConverter : JsonConverter<SecretReference>
    {
        public override SecretReference ReadJson(
            JsonReader reader, Type objectType, SecretReference? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            SecretReference.TryParse((string?)reader.Value, out var reference)
                ? reference
                : throw new JsonSerializationException("No reference.", reader.Path, 0, 0, null);

        public override void WriteJson(JsonWriter writer, SecretReference? value, JsonSerializer serializer) => throw new NotSupportedException();

        public override bool CanWrite => false;
    }
}
