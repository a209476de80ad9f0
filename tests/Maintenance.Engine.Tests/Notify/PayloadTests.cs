using Maintenance.Engine.Notify;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Notify;

public sealed class PayloadTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 2, 0, 0, TimeSpan.Zero);

    private static JObject Slack(NotificationMessage message) => JObject.Parse(SlackPayload.Of("production", message, Now));

    private static IEnumerable<string> Texts(JToken token) => token.SelectTokens("$..text").Where(text => text.Type == JTokenType.String).Select(text => (string)text!);

    [Theory]
    [InlineData(HealthStatus.Ok, "good", "✅")]
    [InlineData(HealthStatus.Warning, "warning", "⚠️")]
    [InlineData(HealthStatus.Critical, "danger", "🚨")]
    [InlineData(HealthStatus.Unknown, "#8a8a8a", "❓")]
    public void Severity_is_colour_and_symbol(HealthStatus severity, string colour, string symbol)
    {
        var payload = Slack(new NotificationMessage { Title = "t", Severity = severity });
        Assert.Equal(colour, (string)payload.SelectToken("$.attachments[0].color")!);
        Assert.Equal($"{symbol} t", (string)payload["text"]!);
    }

    [Fact]
    public void Limits_of_Slack_are_kept_whatever_is_given()
    {
        var long1 = string.Concat(Enumerable.Repeat("&<😀>", 20_000));
        var payload = Slack(new NotificationMessage
        {
            Title = long1,
            Text = long1,
            Fields = [.. Enumerable.Range(0, 300).Select(i => new NotificationField(long1, long1))],
        });
        var blocks = (JArray)payload.SelectToken("$.attachments[0].blocks")!;
        Assert.True(blocks.Count <= 50);
        Assert.All(blocks, block => Assert.True((block["fields"] as JArray)?.Count is null or <= 10));
        Assert.All(payload.SelectTokens("$..fields[*].text"), text => Assert.True(((string)text!).Length <= 2000));
        Assert.All(Texts(payload), text => Assert.True(text.Length <= 3000, $"{text.Length}"));
        // No character was cut through, no escape either.
        Assert.All(Texts(payload), text => Assert.DoesNotMatch("&(?!amp;|lt;|gt;)", text));
        Assert.All(Texts(payload), text => Assert.Equal(text, new string([.. text.EnumerateRunes().SelectMany(rune => rune.ToString())])));
    }

    [Fact]
    public void Nobody_is_mentioned_by_text_from_outside()
    {
        var payload = Slack(new NotificationMessage { Title = "<!here>", Text = "<@U123> <https://evil|bank>", Fields = [new NotificationField("<!channel>", "&")] }).ToString();
        Assert.DoesNotContain("<!", payload, StringComparison.Ordinal);
        Assert.DoesNotContain("<@", payload, StringComparison.Ordinal);
        Assert.DoesNotContain("<https", payload, StringComparison.Ordinal);
    }

    [Fact]
    public void The_plain_payload_has_the_documented_fields()
    {
        var key = Guid.NewGuid();
        var payload = JObject.Parse(JsonPayload.Of("production", new NotificationMessage { Title = "t\u0007", Text = "a\nb", Severity = HealthStatus.Critical, Channel = "Emergency", Source = "Daily" }, key, Now));
        Assert.Equal(
            ["schema", "id", "target", "channel", "severity", "title", "message", "fields", "source", "sentAt"],
            payload.Properties().Select(property => property.Name));
        Assert.Equal(("t", "a\nb", "Critical", key.ToString()), ((string)payload["title"]!, (string)payload["message"]!, (string)payload["severity"]!, (string)payload["id"]!));
    }

    [Theory]
    [InlineData("abc", 10, "abc")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("ab😀cd", 4, "ab…")]
    [InlineData("a\u001b[0m\u202Eb", 20, "a[0mb")]
    public void Text_is_cut_and_cleaned(string text, int most, string expected) => Assert.Equal(expected, PayloadText.Of(text, most));

    [Fact]
    public void What_is_piped_becomes_one_message_the_worst_first()
    {
        Finding Of(string message, FindingSeverity severity) => new() { Id = "X", Area = "A", Severity = severity, Message = message, Target = "production" };
        var message = MessageBuilder.Of("Default", null, [Of("low", FindingSeverity.Low), Of("high", FindingSeverity.Critical), .. Enumerable.Range(0, 15).Select(i => Of($"m{i}", FindingSeverity.Medium))]);
        Assert.Equal(HealthStatus.Critical, message.Severity);
        Assert.StartsWith("CRITICAL high", message.Text, StringComparison.Ordinal);
        Assert.EndsWith("… and 7 more", message.Text, StringComparison.Ordinal);
        Assert.Contains("17 of 17", message.Title, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Ok, MessageBuilder.Of("Default", null, ["plain text"]).Severity);
    }
}
