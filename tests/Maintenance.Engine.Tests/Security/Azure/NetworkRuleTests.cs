using Maintenance.Engine.Security.Azure;

namespace Maintenance.EngineTests.Security.Azure;

/// <summary>What rules of network security groups open, together.</summary>
public class NetworkRuleTests
{
    private static string Rule(string name, string access, int priority, string source, string ports, string protocol = "Tcp", string direction = "Inbound", string destination = "*") =>
        $$"""{ "name": "{{name}}", "properties": { "protocol": "{{protocol}}", "access": "{{access}}", "priority": {{priority}}, "direction": "{{direction}}", "sourceAddressPrefix": "{{source}}", "destinationAddressPrefix": "{{destination}}", "destinationPortRange": "{{ports}}" } }""";

    private static IEnumerable<string> Ids(params IEnumerable<string> rules) =>
        new AzureScene().With(AzureKind.NetworkSecurityGroup, "properties.securityRules", $"[{string.Join(",", rules)}]").Failures().Select(finding => finding.Id);

    [Theory]
    [InlineData("*", "5432", "AZURE-NSG-POSTGRES")]
    [InlineData("Internet", "22", "AZURE-NSG-SSH")]
    [InlineData("0.0.0.0/0", "3389", "AZURE-NSG-RDP")]
    [InlineData("::/0", "20-25", "AZURE-NSG-SSH")]
    [InlineData("128.0.0.0/1", "5000-6000", "AZURE-NSG-POSTGRES")]
    public void A_port_that_the_Internet_reaches_is_found(string source, string ports, string id) => Assert.Equal([id], Ids(Rule("r", "Allow", 100, source, ports)));

    [Theory]
    [InlineData("10.0.0.0/8", "5432", "Tcp", "Inbound")]
    [InlineData("VirtualNetwork", "22", "*", "Inbound")]
    [InlineData("fc00::/7", "22", "*", "Inbound")]
    [InlineData("*", "443", "Tcp", "Inbound")]
    [InlineData("*", "22", "Udp", "Inbound")]
    [InlineData("*", "*", "Icmp", "Inbound")]
    [InlineData("*", "22", "Tcp", "Outbound")]
    public void What_opens_none_of_them_is_not(string source, string ports, string protocol, string direction) => Assert.Empty(Ids(Rule("r", "Allow", 100, source, ports, protocol, direction)));

    [Fact]
    public void A_rule_for_every_port_opens_each()
    {
        Assert.Equal(["AZURE-NSG-ANY", "AZURE-NSG-POSTGRES", "AZURE-NSG-RDP", "AZURE-NSG-SSH"], Ids(Rule("r", "Allow", 100, "*", "*", "*")).Order());
    }

    [Fact]
    public void Lists_of_sources_and_ports_count_like_single_ones()
    {
        const string rule = """{ "name": "r", "properties": { "protocol": "Tcp", "access": "allow", "priority": 1, "direction": "inbound", "sourceAddressPrefixes": [ "10.0.0.0/8", "internet" ], "destinationAddressPrefix": "*", "destinationPortRanges": [ "80", "5430-5440" ] } }""";
        Assert.Equal(["AZURE-NSG-POSTGRES"], Ids(rule));
    }

    [Fact]
    public void A_rule_that_denies_first_stops_what_it_surely_covers_and_nothing_else()
    {
        var open = Rule("open", "Allow", 200, "*", "22", "*");
        Assert.Empty(Ids(open, Rule("deny", "Deny", 100, "*", "*", "*")));
        Assert.Empty(Ids(open, Rule("deny", "Deny", 100, "Internet", "22")));
        Assert.NotEmpty(Ids(open, Rule("late", "Deny", 300, "*", "*", "*")));
        Assert.NotEmpty(Ids(open, Rule("part", "Deny", 100, "1.2.3.0/24", "*", "*")));
        Assert.NotEmpty(Ids(open, Rule("one", "Deny", 100, "*", "*", "*", destination: "10.0.0.4")));
        Assert.NotEmpty(Ids(open, Rule("other", "Deny", 100, "*", "5432", "*")));
    }

    [Fact]
    public void A_group_that_is_attached_to_nothing_matters_little()
    {
        var finding = Assert.Single(new AzureScene().With(AzureKind.NetworkSecurityGroup, "properties.subnets", "").With(AzureKind.NetworkSecurityGroup, "properties.securityRules", $"[{Rule("r", "Allow", 100, "*", "22")}]").Failures());
        Assert.Equal((FindingSeverity.Low, "rg-app/nsg-app/r"), (finding.Severity, finding.Subject));
    }

    [Theory]
    [InlineData("22-", "Tcp")]
    [InlineData("ssh", "Tcp")]
    [InlineData("1-2-3", "Tcp")]
    public void A_rule_that_cannot_be_understood_leaves_its_group_unknown(string ports, string protocol)
    {
        var findings = new AzureScene().With(AzureKind.NetworkSecurityGroup, "properties.securityRules", $"[{Rule("r", "Allow", 100, "*", ports, protocol)}]").Audit();
        Assert.All(findings.Where(finding => finding.Id.StartsWith("AZURE-NSG", StringComparison.Ordinal)), finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
    }
}
