using Maintenance.Engine.Analytics;

namespace Maintenance.Engine.Tests.Analytics;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("Sign-in of jane.doe+x@example.com refused", "Sign-in of <email> refused")]
    [InlineData("Request took 5023 ms", "Request took <n> ms")]
    [InlineData("amount -12.50, 1,000 rows", "amount <n>, <n> rows")]
    [InlineData("user 0b9f4a52-7f7e-4c4e-9d1d-3f2d7d6c1a11 unknown", "user <id> unknown")]
    [InlineData("token 9f86d081884c7d659a2feaa0c55ad015 expired", "token <id> expired")]
    [InlineData("from 203.0.113.17 and 2001:db8:0:1:1:1:1:1", "from <ip> and <ip>")]
    [InlineData("value 'Jane' and \"Doe\" invalid", "value <text> and <text> invalid")]
    [InlineData("a\u001b[31mred\r\nline\u202ex\0", "a [<n>mred line x")]
    [InlineData("Consent lookup timed out", "Consent lookup timed out")]
    [InlineData("", "")]
    public void What_differs_or_may_be_personal_is_taken_out(string message, string kind) => Assert.Equal(kind, ErrorText.Normalise(message));

    [Fact]
    public void A_long_message_is_cut() => Assert.Equal(200, ErrorText.Normalise(string.Concat(Enumerable.Repeat("word ", 10_000))).Length);

    [Fact]
    public void Other_text_keeps_its_numbers_but_no_addresses_and_no_control_characters() =>
        Assert.Equal("3 accounts of <email> [2K late", ErrorText.Harmless("3 accounts of a@b.example\u001b[2K late"));

    [Theory]
    [InlineData("call +49 30 1234567 now", "call <phone> now")]
    [InlineData("0049 (30) 123-4567", "<phone>")]
    [InlineData("tel 030/1234567, 0151-23456789", "tel <phone>, <phone>")]
    [InlineData("(555) 123-4567 or 555-123-4567 or 1 555 123 4567", "<phone> or <phone> or <phone>")]
    [InlineData("Ms. +15551234567, tel:+49301234567", "Ms. <phone>, tel:<phone>")]
    [InlineData("subject 5551234567 waits", "subject <phone> waits")]
    [InlineData("from 203.0.113.17:443, ::1, 2001:db8::17 and fe80::1", "from <ip>:443, <ip>, <ip> and <ip>")]
    public void Other_text_has_no_addresses_of_machines_and_no_telephone_numbers(string text, string harmless) =>
        Assert.Equal(harmless, ErrorText.Harmless(text));

    [Theory]
    [InlineData("3 of 2000 requests, 98.5 % since 2026-03-31 12:30:45")]
    [InlineData("due 03/04/2026, 31.03.2026 and 2026-03-31T12:00:00Z; 1,000,000 rows or 1 000 000")]
    [InlineData("Article 17(1)(a), 08:30, 100-200 of 3000, v1.2.3, public::text, a::int, 0.25")]
    [InlineData("rows 123456789, between 2025-01-01 and 2026-01-01")]
    public void Its_figures_dates_and_times_stay(string text) => Assert.Equal(text, ErrorText.Harmless(text));

    [Fact]
    public void What_becomes_alike_is_put_together()
    {
        var noon = DateTimeOffset.UnixEpoch;
        var merged = ErrorReader.Merge(
        [
            new ErrorGroup { Message = "a", Component = "x", Count = 2, FirstSeen = noon, LastSeen = noon },
            new ErrorGroup { Message = "b", Component = "x", Count = 4 },
            new ErrorGroup { Message = "a", Component = "x", Count = 3, FirstSeen = noon.AddHours(-1), LastSeen = noon.AddHours(1) },
            new ErrorGroup { Message = "a", Component = "y", Count = 1 },
        ]);
        Assert.Equal([("a", "x", 5L), ("b", "x", 4L), ("a", "y", 1L)], merged.Select(group => (group.Message, group.Component!, group.Count!.Value)));
        Assert.Equal((noon.AddHours(-1), noon.AddHours(1)), (merged[0].FirstSeen, merged[0].LastSeen));
    }

    [Theory]
    [InlineData("00:15:00", "15m")]
    [InlineData("1.00:00:00", "24h")]
    [InlineData("7.00:00:00", "7d")]
    [InlineData("1.01:00:00", "25h")]
    [InlineData("00:00:01.5", "2s")]
    public void A_window_is_told_as_the_functions_want_it(string window, string text) =>
        Assert.Equal(text, Times.ToText(TimeSpan.Parse(window, System.Globalization.CultureInfo.InvariantCulture)));
}
