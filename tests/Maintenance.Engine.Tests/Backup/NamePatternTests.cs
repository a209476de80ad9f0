using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Tests.Backup;

public sealed class NamePatternTests
{
    private static readonly DateOnly Day = new(2025, 6, 1);

    [Theory]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-2025060103.dump", "app", "2025-06-01T03:00Z")]
    [InlineData("{database}-{yyyyMMddHH}.dump", "my-app-2-2025060103.dump", "my-app-2", "2025-06-01T03:00Z")]
    [InlineData("{database}{yyyyMMdd}.dump", "app220250601.dump", "app2", "2025-06-01T00:00Z")]
    [InlineData("{database}/{yyyy}/{MM}/{dd}/{database}_{HHmm}.sql.gz", "app/2025/06/01/app_0315.sql.gz", "app", "2025-06-01T03:15Z")]
    [InlineData("{dd}.{MM}.{yyyy}/{database}.dump", "01.06.2025/app.dump", "app", "2025-06-01T00:00Z")]
    [InlineData("{database}-{yyyyMMddTHHmmssZ}.dump", "app-20250601T031500Z.dump", "app", "2025-06-01T03:15Z")]
    [InlineData("{database}-{yyyy-MM-dd}*.sql", "app-2025-06-01-host.example.sql", "app", "2025-06-01T00:00Z")]
    [InlineData("db-{yyyyMMdd}", "db-20250601", null, "2025-06-01T00:00Z")]
    [InlineData("{yyyy}/{yyyyMMdd}_{DATABASE}.bak", "2025/20250601_app (copy).bak", "app (copy)", "2025-06-01T00:00Z")]
    public void A_name_of_the_pattern_tells_its_database_and_date(string pattern, string name, string? database, string from)
    {
        var read = NamePattern.Parse(pattern).Read(name);
        Assert.Equal((database, DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture)), (read?.Database, read?.Date.From));
    }

    [Theory]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-20250601.dump")]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-2025063103.dump")]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-2025060124.dump")]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-2025060103.dump\n")]
    [InlineData("{database}-{yyyyMMddHH}.dump", "x/app-2025060103.dump")]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-2025060103xdump")]
    [InlineData("{database}/{database}-{yyyyMMdd}.dump", "app/billing-20250601.dump")]
    [InlineData("{yyyy}/{yyyyMMdd}.dump", "2024/20250601.dump")]
    [InlineData("db-{yyyyMMdd}*", "db-20250601/toc.dat")]
    [InlineData("db-{yyyyMMdd}", "db-২০২৫০৬০১")]
    public void Another_name_is_not_of_the_pattern(string pattern, string name) => Assert.Null(NamePattern.Parse(pattern).Read(name));

    [Theory]
    [InlineData("{database}-{yyyyMMddHHMM}.dump", "MM twice")]
    [InlineData("{database}-{YYYYMMDD}.dump", "years are yyyy")]
    [InlineData("{database}-{yyyyMMdd-hh}.dump", "hours are HH")]
    [InlineData("{database}-{yyMMdd}.dump", "four digits")]
    [InlineData("{database}-{yyyyMM}.dump", "no {dd}")]
    [InlineData("{database}-{yyyyMMddmm}.dump", "{mm} without {HH}")]
    [InlineData("{db}-{yyyyMMdd}.dump", "{database}")]
    [InlineData("{host}-{yyyyMMdd}.dump", "{host} is not understood")]
    [InlineData("{}-{yyyyMMdd}.dump", "{} is not understood")]
    [InlineData("{database-{yyyyMMdd}.dump", "'{' at character 1")]
    [InlineData("database}-{yyyyMMdd}.dump", "'}' at character 9")]
    [InlineData("{database}*{yyyyMMdd}.dump", "Nothing stands between {database} and *")]
    [InlineData("/{database}-{yyyyMMdd}.dump", "folder")]
    [InlineData("../{database}-{yyyyMMdd}.dump", "folder")]
    [InlineData("{database}\\{yyyyMMdd}.dump", "backslash")]
    [InlineData("{database}.dump", "no {yyyy}")]
    public void A_mistake_is_named(string pattern, string words)
    {
        Assert.Contains(words, string.Join(' ', NamePattern.Mistakes(pattern)), StringComparison.Ordinal);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Assert.Throws<MaintenanceException>(() => NamePattern.Parse(pattern)).Code);
    }

    [Theory]
    [InlineData("{database}-{yyyyMMddHH}.dump", "app-20250601", true)]
    [InlineData("{database}/{yyyy}/{MM}/{dd}/{database}_{HHmm}.sql.gz", "app/2025/06/01/app_", true)]
    [InlineData("{yyyy}/{MM}/{dd}/{database}_{HHmm}.sql.gz", "2025/06/01/app_", true)]
    [InlineData("{dd}-{MM}-{yyyy}/{database}*", "01-06-2025/app", false)]
    [InlineData("*-{yyyyMMdd}.dump", null, false)]
    [InlineData("{database}-{yyyyMM}*{dd}.dump", null, false)]
    public void What_the_names_of_a_day_begin_with_is_known_where_the_pattern_tells(string pattern, string? prefix, bool sorts)
    {
        var parsed = NamePattern.Parse(pattern);
        Assert.Equal((prefix, sorts), (parsed.Prefix("app", Day), parsed.SortsByDay));
        Assert.Null(parsed.NamesDatabase ? parsed.Prefix(null, Day) : null);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var time = new DateTimeOffset(2025, 6, 1, 3, 15, 42, TimeSpan.Zero);
        var pattern = NamePattern.Parse("{database}/{yyyy}/{MM}/{dd}/{database}_{HHmmss}.sql.gz");
        var name = pattern.Write("app", time)!;
        Assert.Equal("app/2025/06/01/app_031542.sql.gz", name);
        Assert.Equal(("app", time), (pattern.Read(name)?.Database, pattern.Read(name)?.Date.From));
        Assert.Null(NamePattern.Parse("{database}-{yyyyMMdd}*").Write("app", time));
    }

    [Fact]
    public void A_name_made_to_be_slow_takes_no_time()
    {
        var pattern = NamePattern.Parse("{database}-*-{yyyyMMdd}-*-x.dump");
        Assert.Null(pattern.Read(string.Concat(Enumerable.Repeat("-20250601-", 100)) + "y"));
    }
}
