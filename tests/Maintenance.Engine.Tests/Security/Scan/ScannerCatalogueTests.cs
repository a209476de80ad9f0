using Maintenance.Engine.Security.Scan;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Security.Scan;

public sealed class ScannerCatalogueTests
{
    [Fact]
    public void A_configuration_can_name_every_scanner_that_runs_and_no_other()
    {
        using var stream = typeof(ScannerCatalogue).Assembly.GetManifestResourceStream("Configuration/maintenance.schema.json")!;
        using var reader = new StreamReader(stream);
        var names = JObject.Parse(reader.ReadToEnd()).SelectToken("$..sources.items.properties.scanners.items.enum")!.Select(name => (string)name!).Order(StringComparer.Ordinal);
        Assert.Equal(ScannerCatalogue.All.Select(scanner => scanner.Name).Where(name => name != "sarif").Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public void Names_are_unique_within_a_kind() =>
        Assert.All(ScannerCatalogue.All.GroupBy(scanner => scanner.Kind), kind => Assert.Equal(kind.Count(), kind.Select(scanner => scanner.Name).Distinct().Count()));
}
