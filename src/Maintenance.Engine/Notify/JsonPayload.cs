using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Notify;

/// <summary>A message for any other webhook. The shape is documented in docs/notifications.md and only ever grows.</summary>
internal static class JsonPayload
{
    public static string Of(string target, NotificationMessage message, Guid key, DateTimeOffset now) => new JObject
    {
        ["schema"] = "maintenance.notification/1",
        ["id"] = key.ToString("D"),
        ["target"] = PayloadText.Of(target, 200),
        ["channel"] = message.Channel,
        ["severity"] = message.Severity.ToString(),
        ["title"] = PayloadText.Of(message.Title, 1000),
        ["message"] = PayloadText.Of(message.Text, 20_000),
        ["fields"] = new JArray(message.Fields.Select(field => new JObject
        {
            ["name"] = PayloadText.Of(field.Name, 200),
            ["value"] = PayloadText.Of(field.Value, 2000),
        })),
        ["source"] = message.Source,
        ["sentAt"] = now.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
    }.ToString(Formatting.None);
}
