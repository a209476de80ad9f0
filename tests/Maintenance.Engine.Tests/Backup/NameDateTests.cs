using System.Globalization;
using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Tests.Backup;

public sealed class NameDateTests
{
    [Theory]
    [InlineData("db-2025060103", "2025-06-01T03:00:00Z", "01:00:00")]
    [InlineData("db-20250601.dump", "2025-06-01T00:00:00Z", "1.00:00:00")]
    [InlineData("db_2025-06-01.sql.gz", "2025-06-01T00:00:00Z", "1.00:00:00")]
    [InlineData("db_2025_06_01.sql", "2025-06-01T00:00:00Z", "1.00:00:00")]
    [InlineData("db.2025.06.01.sql", "2025-06-01T00:00:00Z", "1.00:00:00")]
    [InlineData("20250601_030405.dump", "2025-06-01T03:04:05Z", "00:00:01")]
    [InlineData("20250601T030405Z.dump", "2025-06-01T03:04:05Z", "00:00:01")]
    [InlineData("20250601030405.dump", "2025-06-01T03:04:05Z", "00:00:01")]
    [InlineData("app-202506010304.dump", "2025-06-01T03:04:00Z", "00:01:00")]
    [InlineData("app-20250601-0304.dump", "2025-06-01T03:04:00Z", "00:01:00")]
    [InlineData("app-2025-06-01T03-04-05Z.dump", "2025-06-01T03:04:05Z", "00:00:01")]
    [InlineData("app-2025-06-01_03-04-05.dump", "2025-06-01T03:04:05Z", "00:00:01")]
    [InlineData("app-2025-06-01 03.04.05.123.dump", "2025-06-01T03:04:05Z", "00:00:01")]
    [InlineData("app-2025-06-01T03:04:05+02:00.dump", "2025-06-01T01:04:05Z", "00:00:01")]
    [InlineData("app-2025-06-01T03:04:05-05:30.dump", "2025-06-01T08:34:05Z", "00:00:01")]
    [InlineData("2025/06/01/app.dump", "2025-06-01T00:00:00Z", "1.00:00:00")]
    [InlineData("2025/06/01/03/app.dump", "2025-06-01T03:00:00Z", "01:00:00")]
    [InlineData("app_20240101_2025060103.dump", "2025-06-01T03:00:00Z", "01:00:00")]
    [InlineData("2024-01-01_2025-06-01.dump", "2025-06-01T00:00:00Z", "1.00:00:00")]
    [InlineData("1493107454_2025_06_01_10.6.4_gitlab_backup.tar", "2025-06-01T10:00:00Z", "01:00:00")]
    [InlineData("app-20250601-1.dump", "2025-06-01T00:00:00Z", "1.00:00:00")]
    public void A_date_in_a_name_is_read_with_its_precision(string name, string from, string precision)
    {
        var date = NameDate.FindLast(name);
        Assert.NotNull(date);
        Assert.Equal(DateTimeOffset.Parse(from, CultureInfo.InvariantCulture), date.From);
        Assert.Equal(TimeSpan.Parse(precision, CultureInfo.InvariantCulture), date.Until - date.From);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("app.dump")]
    [InlineData("app-20251301.dump")]
    [InlineData("app-20250230.dump")]
    [InlineData("app-01062025.dump")]
    [InlineData("app-120250601.dump")]
    [InlineData("000000010000000020250601")]
    [InlineData("app-2025-0601.dump")]
    [InlineData("v15.18.dump")]
    [InlineData("")]
    public void What_is_no_date_is_not_taken_for_one(string name) => Assert.Null(NameDate.FindLast(name));
}
