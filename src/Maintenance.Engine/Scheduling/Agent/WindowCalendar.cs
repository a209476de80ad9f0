using System.Text.Json;
using Maintenance.Engine.Tasks;
using Quartz;
using Quartz.Impl.Calendar;
using Quartz.Serialization.SystemTextJson.Calendars;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>The maintenance windows of a target, as the scheduler asks for them: what changes the system fires while one is open.</summary>
/// <param name="windows">The windows.</param>
internal sealed class WindowCalendar(IReadOnlyList<MaintenanceWindow> windows) : BaseCalendar
{
    /// <summary>The windows.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; set; } = windows;

    /// <inheritdoc/>
    public override bool IsTimeIncluded(DateTimeOffset timeStampUtc) => MaintenanceWindows.At(Windows, timeStampUtc).IsOpen;

    /// <inheritdoc/>
    public override DateTimeOffset GetNextIncludedTimeUtc(DateTimeOffset timeUtc) =>
        IsTimeIncluded(timeUtc) ? timeUtc : MaintenanceWindows.NextOpening(Windows, timeUtc) ?? DateTimeOffset.MaxValue;

    /// <inheritdoc/>
    public override ICalendar Clone() => new WindowCalendar(Windows);
}

/// <summary>Writes the calendar into the job store, and reads it.</summary>
internal sealed class WindowCalendarSerializer : CalendarSerializer<WindowCalendar>
{
    private const string Field = "windows";

    /// <inheritdoc/>
    public override string CalendarTypeName => "MaintenanceWindows";

    /// <inheritdoc/>
    protected override WindowCalendar Create(JsonElement jsonElement, JsonSerializerOptions options) => new([]);

    /// <inheritdoc/>
    protected override void SerializeFields(Utf8JsonWriter writer, WindowCalendar calendar, JsonSerializerOptions options)
    {
        writer.WriteStartArray(Field);
        foreach (var window in calendar.Windows)
        {
            writer.WriteStartObject();
            writer.WriteString("days", string.Join(',', window.Days));
            writer.WriteString("start", window.Start.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("duration", window.Duration.ToString("c"));
            writer.WriteString("timeZone", window.TimeZone);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <inheritdoc/>
    protected override void DeserializeFields(WindowCalendar calendar, JsonElement jsonElement, JsonSerializerOptions options) => calendar.Windows =
    [
        .. jsonElement.GetProperty(Field).EnumerateArray().Select(window => new MaintenanceWindow
        {
            Days = [.. window.GetProperty("days").GetString()!.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<DayOfWeek>)],
            Start = TimeOnly.Parse(window.GetProperty("start").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
            Duration = TimeSpan.Parse(window.GetProperty("duration").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
            TimeZone = window.GetProperty("timeZone").GetString()!,
        }),
    ];
}
