using System.Globalization;
using Maintenance.Engine.Rotation;

namespace Maintenance.Engine.Tests.Rotation;

public sealed class RetentionNoteTests
{
    private static readonly DateTimeOffset Written = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("retention", "7years", "2031-02-28T12:00")]
    [InlineData("Retention", "1 year", "2025-02-28T12:00")]
    [InlineData("retention", "6months", "2024-08-29T12:00")]
    [InlineData("retention", "30days", "2024-03-30T12:00")]
    [InlineData("retention", "2w", "2024-03-14T12:00")]
    [InlineData("retention", "P7Y", "2031-02-28T12:00")]
    [InlineData("retention", "P6M", "2024-08-29T12:00")]
    [InlineData("retention_period", "36h", "2024-03-02T00:00")]
    [InlineData("retention", "90m", "2024-02-29T13:30")]
    [InlineData("retainUntil", "2033-01-01", "2033-01-02T00:00")]
    [InlineData("retain_until", "2033-01-01T10:00:00Z", "2033-01-01T10:00")]
    [InlineData("retainUntil", "2033-01-01T10%3A00%3A00Z", "2033-01-01T10:00")]
    [InlineData("retention", "7 years or so", null)]
    [InlineData("retention", "forever", null)]
    [InlineData("retention", "", null)]
    [InlineData("retention", "99999years", null)]
    [InlineData("retention_class", "gold", null)]
    public void A_retention_is_read_as_people_write_it_and_for_good_where_it_cannot_be(string name, string value, string? until)
    {
        var note = RetentionNote.Read([new(name, value)], Written);
        Assert.Equal(until is null ? null : DateTimeOffset.Parse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), note!.Until);
    }

    [Fact]
    public void The_longest_of_several_counts()
    {
        Assert.Equal(2031, RetentionNote.Read([new("retention", "7years"), new("retainUntil", "2025-01-01")], Written)!.Until!.Value.Year);
        Assert.Null(RetentionNote.Read([new("retention", "7years"), new("retention_note", "see contract")], Written)!.Until);
    }

    [Theory]
    [InlineData("sha256", "abc")]
    [InlineData("classification", "confidential")]
    public void Other_metadata_keep_nothing(string name, string value) => Assert.Null(RetentionNote.Read([new(name, value)], Written));

    [Theory]
    [InlineData("legalHold", "true", true)]
    [InlineData("legal_hold", "case 17", true)]
    [InlineData("legal_hold", "false", false)]
    [InlineData("hold", "true", false)]
    public void A_legal_hold_is_seen(string name, string value, bool held) => Assert.Equal(held, RetentionNote.IsHeld([new(name, value)]));
}
