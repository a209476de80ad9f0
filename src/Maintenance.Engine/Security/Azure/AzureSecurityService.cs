using Azure.Core;
using Azure.Identity;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.Azure;

/// <summary>The audit of Azure resources' configuration.</summary>
public sealed class AzureSecurityService : IDisposable
{
    internal const string NotConfigured = "No Azure subscription is configured (security.azure), so nobody looked at its resources.";

    private readonly AzureClient _client;
    private readonly AzureIdentity _identity;
    private readonly TimeProvider _time;

    internal AzureSecurityService(TimeProvider time, Func<TokenCredential>? credential = null, TimeSpan? identityLimit = null)
    {
        _time = time;
        _client = new AzureClient(time);
        _identity = new AzureIdentity(credential ?? (() => new DefaultAzureCredential()), time, identityLimit ?? AzureIdentity.DefaultLimit);
    }

    /// <summary>The checks that there are.</summary>
    public static IReadOnlyList<(string Id, string Title)> Checks { get; } = [.. AzureCatalogue.Checks.Select(check => (check.Id, check.Title))];

    /// <summary>Audits a subscription or a resource group. Default timeout 180 s.</summary>
    /// <param name="target">The target; its configuration names the scope unless the query does.</param>
    /// <param name="query">What to look at, and what is wanted.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is wrong, the worst first, and what could not be checked. Without an identity each check is Manual; what does not answer in time is Unknown, and hides nothing else.</returns>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, DeadlineExceeded.</exception>
    public async Task<IReadOnlyList<Finding>> AuditAsync(MaintenanceTarget target, AzureSecurityQuery query, CallContext call, CancellationToken cancellationToken)
    {
        var scope = AzureScope.Of(target, query);
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(180), _time, cancellationToken);
        return await deadline.RunAsync($"Auditing the Azure resources of '{target.Name}'", async token =>
            AzureAuditor.Audit(target, await ReadAsync(target, scope, call, deadline, token), query));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<AzureFacts> ReadAsync(MaintenanceTarget target, AzureScope scope, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        var (token, gap) = await _identity.TokenAsync(scope, cancellationToken);
        return token is null
            ? AzureFacts.Nothing(scope, gap!, _time.GetUtcNow())
            : await new AzureCollector(new AzureSession(_client, scope, token, call, deadline, _time), target, _time).CollectAsync(cancellationToken);
    }
}
