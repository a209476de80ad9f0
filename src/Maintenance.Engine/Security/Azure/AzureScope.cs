using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Azure;

/// <summary>What is looked at: a subscription or one of its resource groups, and where Azure Resource Manager answers for it.</summary>
internal sealed partial record AzureScope(Uri Endpoint, string SubscriptionId, string? ResourceGroup)
{
    private static readonly Uri PublicCloud = new("https://management.azure.com");

    /// <summary>The scope as resources' ids begin.</summary>
    public string Path => ResourceGroup is null ? SubscriptionPath : $"{SubscriptionPath}/resourceGroups/{ResourceGroup}";

    public string SubscriptionPath => $"/subscriptions/{SubscriptionId}";

    /// <summary>What findings call it.</summary>
    public string Name => $"azure: {Path["/subscriptions/".Length..].ToLowerInvariant()}";

    /// <summary>For whom a token is asked: the service at the endpoint and nobody else.</summary>
    public string TokenScope => $"{Endpoint.GetLeftPart(UriPartial.Authority)}/.default";

    /// <summary>The scope that a target's configuration and a query name.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument.</exception>
    public static AzureScope Of(MaintenanceTarget target, AzureSecurityQuery query)
    {
        var configured = target.Security.Azure;
        var subscription = query.SubscriptionId ?? configured?.SubscriptionId
            ?? throw new MaintenanceException(MaintenanceErrorCode.NotConfigured, AzureSecurityService.NotConfigured, "Set security.azure.subscriptionId in the configuration file, or name one with -SubscriptionId.");
        if (!Guid.TryParseExact(subscription, "D", out var id))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "The id of a subscription is a GUID, such as 00000000-0000-0000-0000-000000000000.", "az account show tells the id of the current one.");
        }

        // A configured group belongs to the configured subscription alone.
        var isConfigured = configured is not null && subscription.Equals(configured.SubscriptionId, StringComparison.OrdinalIgnoreCase);
        var group = query.ResourceGroup ?? (isConfigured ? configured!.ResourceGroup : null);
        if (group is not null && !GroupName().IsMatch(group))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "This is no name of a resource group.", "A name has up to 90 letters, digits, hyphens, underscores, parentheses and full stops, none at its end.");
        }

        var endpoint = configured?.Endpoint ?? PublicCloud;
        return IsSafe(endpoint)
            ? new AzureScope(endpoint, id.ToString("D"), group)
            : throw new MaintenanceException(MaintenanceErrorCode.NotConfigured, "security.azure.endpoint is no https address, and an identity is never sent in the clear.", "Use https.");
    }

    /// <summary>Whether an identity may be sent to an address: never in the clear over a network.</summary>
    public static bool IsSafe(Uri endpoint) => endpoint.Scheme == Uri.UriSchemeHttps || endpoint.IsLoopback;

    /// <summary>An address below the endpoint.</summary>
    public Uri Address(string path, string apiVersion, string filter = "") => new(Endpoint, $"{path}?api-version={apiVersion}{filter}");

    /// <summary>Whether an address is one of Azure Resource Manager's own: only such a one is ever sent the token.</summary>
    public bool Owns(Uri address) =>
        address.IsAbsoluteUri && address.Scheme == Endpoint.Scheme && address.Host == Endpoint.Host && address.Port == Endpoint.Port && address.UserInfo.Length == 0;

    [GeneratedRegex(@"^[\w().-]{0,89}[\w()-]\z")]
    private static partial Regex GroupName();
}

/// <summary>The id of a resource in a resource group, taken apart. Only ids that can be part of an address are ids.</summary>
internal sealed partial record AzureResourceId(string Text, string Group, string Name)
{
    public static AzureResourceId? Parse(string? text) =>
        text is not null && Form().Match(text) is { Success: true } match && !text.Contains("..", StringComparison.Ordinal)
            ? new AzureResourceId(text, match.Groups["group"].Value, match.Groups["name"].Value)
            : null;

    [GeneratedRegex(@"^/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/(?<group>[\w().-]{1,90})/providers(/[\w.-]{1,260})+/(?<name>[\w.-]{1,260})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
