using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class RetentionRulesTests
{
    private static readonly RetentionPolicy Fit = new() { Table = "public.t", TimeColumn = "at", Age = TimeSpan.FromDays(30) };

    public static TheoryData<RetentionPolicy, string, string> Mistakes => new()
    {
        { Fit with { Age = TimeSpan.Zero }, "age", "longer than nothing" },
        { Fit with { Age = TimeSpan.FromDays(-1) }, "age", "longer than nothing" },
        { Fit with { Age = TimeSpan.FromDays(740_000) }, "age", "a thousand years" },
        { Fit with { Table = "a.b.c" }, "table", "no name of a table" },
        { Fit with { Action = RetentionAction.ArchiveToTable }, "action", "needs a \"destination\"" },
        { Fit with { Action = RetentionAction.ArchiveToTable, Destination = "a..b" }, "destination", "no name of a table" },
        { Fit with { Action = RetentionAction.ArchiveToBlob }, "action", "no \"archiveStore\"" },
        { Fit with { Destination = "x" }, "destination", "go nowhere" },
        { Fit with { Action = RetentionAction.Anonymise }, "action", "Which columns?" },
        { Fit with { Anonymise = new Dictionary<string, AnonymiseMethod> { ["a"] = AnonymiseMethod.Null } }, "anonymise", "Set \"action\"" },
        { Fit with { Action = RetentionAction.Anonymise, Anonymise = new Dictionary<string, AnonymiseMethod> { ["at"] = AnonymiseMethod.Null } }, "anonymise", "stays" },
        { Fit with { BatchTarget = TimeSpan.Zero }, "batchTarget", "1 ms to 10 s" },
        { Fit with { BatchTarget = TimeSpan.FromMinutes(1) }, "batchTarget", "1 ms to 10 s" },
        { Fit with { TimeZone = "Mars/Olympus" }, "timeZone", "no time zone" },
        { Fit with { LegalHold = "false) OR (true" }, "legalHold", "was not opened" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Each_mistake_is_named_with_its_setting(RetentionPolicy policy, string setting, string message)
    {
        var mistake = Assert.Single(RetentionRules.Check(policy, hasArchiveStore: false));
        Assert.Equal(setting, mistake.Setting);
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_without_a_mistake_has_none()
    {
        Assert.Empty(RetentionRules.Check(Fit, hasArchiveStore: false));
        Assert.Empty(RetentionRules.Check(Fit with { Action = RetentionAction.ArchiveToTable, Destination = "archive.t" }, hasArchiveStore: false));
        Assert.Empty(RetentionRules.Check(Fit with { Action = RetentionAction.ArchiveToBlob }, hasArchiveStore: true));
        Assert.Empty(RetentionRules.Check(Fit with { Action = RetentionAction.ArchiveToBlob, Destination = "logs/errors_2026" }, hasArchiveStore: true));
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("/root")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a/./b")]
    [InlineData("a.")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_folder_cannot_lead_out_of_the_store(string folder) =>
        Assert.Equal("destination", Assert.Single(RetentionRules.Check(Fit with { Action = RetentionAction.ArchiveToBlob, Destination = folder }, hasArchiveStore: true)).Setting);

    [Theory]
    [InlineData("public", "error_logs", "public.error_logs")]
    [InlineData("Odd \"Schema", "../x", "Odd%20%22Schema.%2E%2E%2Fx")]
    [InlineData("a.b", "ü", "a%2Eb.%C3%BC")]
    public void A_folder_named_after_a_table_is_a_plain_name(string schema, string table, string folder) => Assert.Equal(folder, ArchiveNames.FolderOf(schema, table));

    [Fact]
    public void Tables_do_not_share_a_folder() => Assert.NotEqual(ArchiveNames.FolderOf("a.b", "c"), ArchiveNames.FolderOf("a", "b.c"));

    [Fact]
    public void A_part_knows_its_number_and_a_manifest_has_none()
    {
        var prefix = ArchiveNames.Prefix("t", Guid.Empty, new DateTimeOffset(2026, 1, 31, 23, 0, 0, TimeSpan.FromHours(-5)));
        Assert.Equal("t/2026/02/00000000000000000000000000000000/", prefix);
        Assert.Equal(7, ArchiveNames.NumberOf(ArchiveNames.Part(prefix, 7)));
        Assert.Equal(123456, ArchiveNames.NumberOf(ArchiveNames.Part(prefix, 123456)));
        Assert.Null(ArchiveNames.NumberOf(ArchiveNames.Manifest(prefix)));
        Assert.Null(ArchiveNames.NumberOf(prefix + "part-1.csv.gz"));
    }
}
