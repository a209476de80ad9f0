using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml.Linq;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Security;

/// <summary>Reads all that the checks need from one database: every statement in one batch, which is one round trip.</summary>
internal sealed class SecurityReader(DatabaseSession session)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly JsonSerializerOptions Plain = new() { Converters = { new JsonStringEnumConverter() } };

    private readonly ConcurrentDictionary<string, AccessList> _lists = new(StringComparer.Ordinal);

    public Task<AuditFacts> ReadAsync(SecurityAuditQuery query, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.RunAsync(SqlText.Read("Security/Sql/SecurityServer.sql"), _ => "read, with the rest of the catalogue", (connection, token) => ReadAsync(connection, query, now, token), cancellationToken);

    private async Task<AuditFacts> ReadAsync(NpgsqlConnection connection, SecurityAuditQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        void Add(string name, params object[] values)
        {
            var command = new NpgsqlBatchCommand(SqlText.ReadMarked($"Security/Sql/{name}.sql"));
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            batch.BatchCommands.Add(command);
        }

        Add("SecurityServer");
        Add("SecuritySettings", (object)SecuritySettings.Names.ToArray());
        Add("SecurityStoredSettings");
        Add("SecurityRoles");
        Add(session.MajorVersion >= 16 ? "SecurityMembers.16" : "SecurityMembers.13");
        Add("SecurityPrivileges");
        Add("SecurityDefaultPrivileges");
        Add("SecurityRelations");
        Add("SecurityColumnPrivileges");
        Add("SecuritySensitiveColumns", SensitiveNames.Pattern);
        Add("SecurityViewSources");
        Add("SecurityPolicies");
        Add("SecurityFunctions");
        Add("SecurityExtensions");
        Add("SecurityUserMappings");
        Add("SecurityServerOptions");
        Add("SecurityComments", SecretDetector.CandidatePattern);
        Add("SecurityDefinitions", SecretDetector.CandidatePattern);
        Add("SecurityAuthKeys");

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        async Task<List<T>> RowsAsync<T>(Func<NpgsqlDataReader, T> map)
        {
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(map(reader));
            }

            await reader.NextResultAsync(cancellationToken);
            return rows;
        }

        var server = (await RowsAsync(Server)).Single();
        var settings = await RowsAsync(row => new SettingFacts(row.GetString(0), Text(row, 1), row.GetString(2), row.GetBoolean(3)));
        var stored = await RowsAsync(row => new StoredSetting(
            row.GetString(0), row.GetString(1), Text(row, 2), row.GetBoolean(3), row.GetString(4), row.GetString(5), row.GetString(6)));
        var roles = await RowsAsync(Role);
        var memberships = await RowsAsync(row => new MembershipFacts(row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4)));
        var holders = await RowsAsync(row => new PrivilegeHolder(
            row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetInt64(4), Access(row, 5), row.GetBoolean(6)));
        var defaults = await RowsAsync(row => new DefaultPrivilege(row.GetInt64(0), Text(row, 1), Text(row, 2), row.GetString(3)[0], Access(row, 4)));
        var relations = await RowsAsync(Relation);
        var columns = (await RowsAsync(row => new ColumnPrivilege(row.GetInt64(0), row.GetString(1), row.GetString(2), Access(row, 3)))).ToLookup(column => column.Relation);
        var graph = new RoleGraph(roles, memberships);
        var exposure = Exposure.Of(query, server, stored, graph);
        var hasAuditFiles = false;
        return new AuditFacts
        {
            Server = server,
            Settings = settings.ToDictionary(setting => setting.Name, StringComparer.Ordinal),
            StoredSettings = stored,
            Roles = graph,
            Holders = holders,
            DefaultPrivileges = defaults,
            Relations = relations.ToDictionary(relation => relation.Oid),
            Columns = columns,
            SensitiveColumns = (await RowsAsync(row => new SensitiveColumn(row.GetInt64(0), row.GetString(1)))).ToLookup(column => column.Relation),
            ViewSources = (await RowsAsync(row => new ViewSource(row.GetInt64(0), row.GetInt64(1)))).ToLookup(source => source.View),
            Policies = (await RowsAsync(Policy)).ToLookup(policy => policy.Relation),
            Functions = await RowsAsync(Function),
            Extensions = [.. (await RowsAsync(row =>
            {
                hasAuditFiles |= !row.IsDBNull(6) && row.GetBoolean(6);
                return row.IsDBNull(0) ? null : new ExtensionFacts(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), Text(row, 4), row.GetBoolean(5));
            })).OfType<ExtensionFacts>()],
            HasAuditFiles = hasAuditFiles,
            UserMappings = await RowsAsync(Mapping),
            ServerOptions = await RowsAsync(row => new PlacedText(row.GetString(0), row.GetString(1), row.GetString(2))),
            Comments = await RowsAsync(row => new PlacedText(row.GetString(0), "", row.GetString(1), row.GetBoolean(2))),
            Definitions = await RowsAsync(row => new PlacedText(row.GetString(0), "", row.GetString(1))),
            AuthKeys = await RowsAsync(row => new AuthKey(row.GetString(0), row.GetString(1), row.GetString(2))),
            Now = now,
            Policy = session.Target.Security,
            Connection = session.Target.Database!,
            Exposure = exposure,
            Reach = new Reach(graph, exposure, holders, columns),
        };
    }

    private static ServerFacts Server(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetInt32(3), row.GetBoolean(4), Text(row, 5), Text(row, 6), Text(row, 7), Text(row, 8))
    {
        Passwords = Parse<StoredPassword>(row, 9, Plain)?.ToDictionary(password => password.Oid, password => password.Kind),
        HbaRules = Parse<HbaRule>(row, 10, Json),
        Subscriptions = Parse<SubscriptionFacts>(row, 11, Plain),
        SubscriptionCount = row.GetInt64(12),
        HasCron = row.GetBoolean(13),
        CronJobs = Parse<CronJob>(row, 14, Plain),
        HasStorage = row.GetBoolean(15),
        PublicBuckets = Parse<PublicBucket>(row, 16, Plain),
    };

    internal static RoleFacts Role(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        row.GetBoolean(3),
        row.GetBoolean(4),
        row.GetBoolean(5),
        row.GetBoolean(6),
        row.GetBoolean(7),
        row.GetBoolean(8),
        row.GetBoolean(9),
        row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10),
        row.IsDBNull(11) ? null : row.GetBoolean(11));

    private RelationFacts Relation(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetInt64(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        row.GetString(5)[0],
        row.GetInt64(6),
        row.GetBoolean(7),
        row.GetBoolean(8),
        Access(row, 9),
        !row.IsDBNull(10) && row.GetBoolean(10),
        row.IsDBNull(11) ? null : row.GetInt64(11),
        row.GetBoolean(12));

    private static PolicyFacts Policy(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3)[0],
        row.GetBoolean(4),
        row.GetFieldValue<long[]>(5),
        Text(row, 6),
        Text(row, 7),
        Text(row, 8),
        Text(row, 9),
        row.IsDBNull(10) ? [] : row.GetFieldValue<long[]>(10).Zip(row.GetFieldValue<string[]>(11)).ToDictionary(pair => pair.First, pair => pair.Second));

    private FunctionFacts Function(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetInt64(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        row.GetInt64(5),
        row.GetBoolean(6),
        row.GetBoolean(7),
        row.GetString(8),
        row.IsDBNull(9) ? [] : row.GetFieldValue<string[]>(9),
        Access(row, 10),
        Text(row, 11) ?? "");

    private static UserMapping Mapping(NpgsqlDataReader row)
    {
        var options = row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4);
        return new UserMapping(row.GetInt64(0), row.GetBoolean(1), row.GetString(2), row.GetString(3), options, options is not null || row.GetBoolean(5));
    }

    private AccessList Access(NpgsqlDataReader row, int column) => AccessList.Read(row.IsDBNull(column) ? null : row.GetFieldValue<string[]>(column), _lists);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    // The server wraps the one JSON value in XML: <table><row><j>...</j></row></table>, without j where there was no row.
    private static List<T>? Parse<T>(NpgsqlDataReader row, int column, JsonSerializerOptions options)
    {
        if (Text(row, column) is not { } xml)
        {
            return null;
        }

        var text = XDocument.Parse(xml).Descendants("j").FirstOrDefault()?.Value;
        return string.IsNullOrEmpty(text) ? [] : JsonSerializer.Deserialize<List<T>>(text, options);
    }
}
