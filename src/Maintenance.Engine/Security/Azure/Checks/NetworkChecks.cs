namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>What network security groups let in from the Internet.</summary>
internal static class NetworkChecks
{
    public const int Rdp = 3389;

    public static IReadOnlyList<AzureCheck> All { get; } =
    [
        new("AZURE-NSG-ANY", "No network security group opens every port to the Internet", FindingSeverity.High, AzureKind.NetworkSecurityGroup, group => Open(group, null, "every port"))
        {
            Recommendation = "Name the ports and the networks that need them.",
        },
        new("AZURE-NSG-POSTGRES", "No network security group opens PostgreSQL to the Internet", FindingSeverity.High, AzureKind.NetworkSecurityGroup, group => Open(group, 5432, "port 5432 (PostgreSQL)"))
        {
            Recommendation = "Let in the application's network alone; administer through a private network or Azure Bastion.",
        },
        new("AZURE-NSG-SSH", "No network security group opens SSH to the Internet", FindingSeverity.High, AzureKind.NetworkSecurityGroup, group => Open(group, 22, "port 22 (SSH)"))
        {
            Recommendation = "Administer through a private network, Azure Bastion, or just-in-time access.",
            Cis = ["6.2"],
        },
        new("AZURE-NSG-RDP", "No network security group opens RDP to the Internet", FindingSeverity.High, AzureKind.NetworkSecurityGroup, group => Open(group, Rdp, "port 3389 (RDP)"))
        {
            Recommendation = "Administer through a private network, Azure Bastion, or just-in-time access.",
            Cis = ["6.1"],
        },
    ];

    private static IEnumerable<AzureFault> Open(AzureResource group, int? port, string what)
    {
        var isUsed = group.Properties.Objects("subnets").Count > 0 || group.Properties.Objects("networkInterfaces").Count > 0;
        return NetworkRule.Open(group, port).Select(rule => new AzureFault(
            $"{group.Subject}/{rule.Name}",
            $"The rule {rule.Name} of the network security group {group.Subject} opens {what} to the Internet{(isUsed ? "" : "; the group is attached to nothing so far")}.")
        {
            Severity = isUsed ? FindingSeverity.High : FindingSeverity.Low,
            Evidence = new Dictionary<string, object?>
            {
                ["Priority"] = rule.Priority,
                ["Protocol"] = rule.Protocol,
                ["Sources"] = string.Join(", ", rule.Sources),
                ["Ports"] = rule.PortText,
                ["IsAttached"] = isUsed,
            },
            Command = AzCommand.Of("az network nsg rule update --nsg-name '{0}' --resource-group '{1}' --name '{2}' --source-address-prefixes <your network>", group.Name, group.Group, rule.Name),
        });
    }
}
