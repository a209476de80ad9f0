using System.Collections.Concurrent;
using System.Text.Json;

namespace Maintenance.Engine.Security.Azure;

/// <summary>Reads all that the checks need from one scope.</summary>
internal sealed class AzureCollector(AzureSession session, MaintenanceTarget target, TimeProvider time)
{
    /// <summary>Requests at once; Azure Resource Manager counts them by the subscription, and others want some too.</summary>
    private const int Parallel = 4;

    public async Task<AzureFacts> CollectAsync(CancellationToken cancellationToken)
    {
        var sets = new ConcurrentDictionary<AzureKind, AzureSet>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        (AzureKind Kind, Func<Task<AzureSet>> Read)[] reads = [(AzureKind.Subscription, SubscriptionAsync), .. AzureQueries.All.Select(query => (query.Kind, (Func<Task<AzureSet>>)(() => SetAsync(query))))];
        await System.Threading.Tasks.Parallel.ForEachAsync(reads, options, async (one, _) => sets[one.Kind] = await one.Read());
        sets[AzureKind.TargetContainer] = await ContainersAsync(sets[AzureKind.StorageAccount]);
        return new AzureFacts(session.Scope, sets, time.GetUtcNow());
    }

    private async Task<AzureSet> SetAsync(AzureQuery query)
    {
        var listing = await session.AllAsync(session.Scope.Address($"{session.Scope.Path}/providers/{query.Provider}", query.ApiVersion));
        var (resources, gap) = (new List<AzureResource>(), listing.Gap);
        foreach (var item in listing.Items)
        {
            if (Id(item) is not { } id)
            {
                gap ??= AzureGap.Undocumented("the id of a resource");
                continue;
            }

            var details = new Dictionary<string, AzureListing>();
            foreach (var detail in query.Details)
            {
                var address = session.Scope.Address($"{id.Text}{detail.Path}", query.ApiVersion);
                details[detail.Name] = detail.IsListing ? await session.AllAsync(address) : await session.OneAsync(address);
            }

            resources.Add(AzureResource.Of(query.Kind, id, item, details));
        }

        return new AzureSet(resources, gap);
    }

    // Assignments at the subscription and above it, whatever group is looked at: who owns the subscription owns the group.
    private async Task<AzureSet> SubscriptionAsync() => new([AzureResource.Of(AzureKind.Subscription, session.Scope.SubscriptionId, new Dictionary<string, AzureListing>
    {
        [AzureQueries.RoleAssignments] = await session.AllAsync(session.Scope.Address(
            $"{session.Scope.SubscriptionPath}/providers/Microsoft.Authorization/roleAssignments", AzureQueries.AuthorizationVersion, "&$filter=atScope()")),
    })]);

    private async Task<AzureSet> ContainersAsync(AzureSet accounts)
    {
        var containers = new List<AzureResource>();
        foreach (var store in TargetContainers.Of(target))
        {
            var listing = store.Account is null
                ? AzureListing.Unread(new AzureGap(FindingOutcome.Manual, $"the {store.Use} names its account in a secret only", $"Set the accountName of the {store.Use}, or look at the container in the portal."))
                : accounts.Resources.FirstOrDefault(account => account.Name.Is(store.Account)) is { } account
                    ? await session.OneAsync(session.Scope.Address($"{account.Json.Text("id")}/blobServices/default/containers/{Uri.EscapeDataString(store.Container)}", AzureQueries.StorageVersion))
                    : AzureListing.Unread(accounts.Gap ?? new AzureGap(FindingOutcome.Unknown, $"the account of the {store.Use} is not in this subscription or resource group", "Look at the one that has it: -SubscriptionId, -ResourceGroup."));
            containers.Add(AzureResource.Of(AzureKind.TargetContainer, $"{store.Account ?? "?"}/{store.Container}", new Dictionary<string, AzureListing> { [AzureQueries.Container] = listing }));
        }

        return new AzureSet(containers);
    }

    private static AzureResourceId? Id(JsonElement item)
    {
        try
        {
            return AzureResourceId.Parse(item.Text("id"));
        }
        catch (AzureGapException)
        {
            return null;
        }
    }
}
