using System.Text.Json;
using System.Text.Json.Nodes;
using Maintenance.Engine.Security.Azure;

namespace Maintenance.EngineTests.Security.Azure;

/// <summary>A scope with one resource of each kind, all of it hardened, and changes to it.</summary>
internal sealed class AzureScene
{
    private static readonly Dictionary<AzureKind, string> Hardened = new()
    {
        [AzureKind.StorageAccount] = AzureResponses.StorageAccount,
        [AzureKind.Vault] = AzureResponses.Vault,
        [AzureKind.NetworkSecurityGroup] = AzureResponses.NetworkSecurityGroup,
        [AzureKind.PostgresServer] = AzureResponses.PostgresServer,
        [AzureKind.WebApp] = AzureResponses.WebApp,
        [AzureKind.ContainerApp] = AzureResponses.ContainerApp,
        [AzureKind.VirtualMachine] = AzureResponses.VirtualMachine,
    };

    private readonly Dictionary<AzureKind, JsonNode?> _resources = Hardened.ToDictionary(pair => pair.Key, pair => JsonNode.Parse(pair.Value));

    private readonly Dictionary<string, AzureListing> _details = new()
    {
        [AzureQueries.BlobService] = Listing(AzureResponses.BlobService),
        [AzureQueries.Container] = Listing(AzureResponses.Container),
        [AzureQueries.FirewallRules] = Listing(),
        [AzureQueries.SecureTransport] = Listing(AzureResponses.SecureTransport),
        [AzureQueries.TlsVersion] = Listing(AzureResponses.TlsVersion),
        [AzureQueries.RoleAssignments] = Listing(AzureResponses.Owner(1)),
    };

    private readonly Dictionary<AzureKind, AzureGap> _gaps = [];

    public static AzureListing Listing(params IEnumerable<string> items) => new([.. items.Select(item => JsonDocument.Parse(item).RootElement.Clone())]);

    /// <summary>Sets what is at a path of the resource of a kind, as JSON; removes it where that is empty.</summary>
    public AzureScene With(AzureKind kind, string path, string json)
    {
        _resources[kind] = Change(_resources[kind]!, path, json);
        return this;
    }

    /// <summary>Sets what is at a path of what else was asked.</summary>
    public AzureScene WithDetail(string name, string path, string json)
    {
        _details[name] = Listing(Change(JsonNode.Parse(_details[name].Items[0].GetRawText())!, path, json).ToJsonString());
        return this;
    }

    public AzureScene WithDetail(string name, AzureListing listing)
    {
        _details[name] = listing;
        return this;
    }

    public AzureScene Without(params IEnumerable<AzureKind> kinds)
    {
        foreach (var kind in kinds)
        {
            _resources.Remove(kind);
        }

        return this;
    }

    public AzureScene WithGap(AzureKind kind, AzureGap gap)
    {
        _gaps[kind] = gap;
        return this;
    }

    public IReadOnlyList<Finding> Audit(AzureSecurityQuery? query = null)
    {
        var target = new MaintenanceTarget { Name = "t" };
        var scope = new AzureScope(new Uri("https://management.azure.com"), AzureResponses.Subscription, null);
        var sets = Enum.GetValues<AzureKind>().ToDictionary(kind => kind, kind => new AzureSet(Resources(kind), _gaps.GetValueOrDefault(kind)));
        return AzureAuditor.Audit(target, new AzureFacts(scope, sets, DateTimeOffset.UnixEpoch), query ?? new AzureSecurityQuery { IncludePassed = true });
    }

    /// <summary>What failed.</summary>
    public List<Finding> Failures() => [.. Audit().Where(finding => finding.Outcome == FindingOutcome.Fail)];

    private IReadOnlyList<AzureResource> Resources(AzureKind kind) => kind switch
    {
        AzureKind.Subscription => [AzureResource.Of(kind, AzureResponses.Subscription, _details)],
        AzureKind.TargetContainer => [AzureResource.Of(kind, "stbackups/backups", _details)],
        _ when _resources.TryGetValue(kind, out var json) => [Resource(kind, JsonDocument.Parse(json!.ToJsonString()).RootElement.Clone())],
        _ => [],
    };

    private AzureResource Resource(AzureKind kind, JsonElement json) => AzureResource.Of(kind, AzureResourceId.Parse(json.GetProperty("id").GetString())!, json, _details);

    private static JsonNode Change(JsonNode root, string path, string json)
    {
        var node = root;
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            node = node[name] ??= new JsonObject();
        }

        if (json.Length == 0)
        {
            node.AsObject().Remove(names[^1]);
        }
        else
        {
            node[names[^1]] = JsonNode.Parse(json);
        }

        return root;
    }
}
