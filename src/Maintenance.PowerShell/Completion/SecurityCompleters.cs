using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Azure;

namespace Maintenance.Completion;

/// <summary>Completes ids of checks of the catalogue, with what each says. Asks nobody.</summary>
public sealed class SecurityCheckCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => DbSecurityService.Checks.Select(check => new NameChoice(check.Id, check.Title)));
}

/// <summary>Completes ids of checks of Azure resources, with what each says. Asks nobody.</summary>
public sealed class AzureCheckCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => AzureSecurityService.Checks.Select(check => new NameChoice(check.Id, check.Title)));
}

/// <summary>Completes the subscriptions that connected targets are configured with. Asks nobody.</summary>
public sealed class AzureSubscriptionCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Targets.Select(target => target.Security.Azure?.SubscriptionId).OfType<string>().Distinct().Select(id => new NameChoice(id)));
}

/// <summary>Completes the resource groups that connected targets are configured with. Asks nobody.</summary>
public sealed class AzureResourceGroupCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Targets.Select(target => target.Security.Azure?.ResourceGroup).OfType<string>().Distinct().Select(name => new NameChoice(name)));
}
