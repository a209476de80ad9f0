using System.Text.RegularExpressions;
using Maintenance.Engine.Security;

namespace Maintenance.Engine.Tests.Security;

public sealed class SecurityCatalogueTests
{
    [Fact]
    public void Every_check_has_an_id_of_its_own_a_sentence_and_advice()
    {
        Assert.Equal(SecurityCatalogue.Checks.Count, SecurityCatalogue.Checks.Select(check => check.Id).Distinct().Count());
        Assert.All(SecurityCatalogue.Checks, check =>
        {
            Assert.Matches("^DBSEC(-[A-Z0-9]+)+$", check.Id);
            Assert.False(check.Title.EndsWith('.'));
            Assert.EndsWith(".", check.Recommendation, StringComparison.Ordinal);
            Assert.All(check.Cis, section => Assert.Matches(@"^\d(\.\d+)+$", section));
            Assert.All(check.Gdpr, article => Assert.Matches(@"^Art\. \d+(\(\d\))?(\([a-f]\))?$", article));
        });
    }

    [Fact]
    public void The_page_about_the_audit_names_every_check_and_no_other()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Maintenance.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var page = File.ReadAllText(Path.Combine(folder, "docs", "security-audit.md"));
        var named = Regex.Matches(page, @"DBSEC(-[A-Z0-9]+)+").Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(SecurityCatalogue.Checks.Select(check => check.Id).Order(StringComparer.Ordinal), named);
    }
}
