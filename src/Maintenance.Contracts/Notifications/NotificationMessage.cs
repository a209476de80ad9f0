namespace Maintenance;

/// <summary>Something to tell people.</summary>
public sealed record NotificationMessage
{
    /// <summary>Channel to tell it on: Default, Emergency, Security, or another that is configured. Default: <c>Default</c>.</summary>
    public string Channel { get; init; } = "Default";

    /// <summary>How bad it is; decides the colour. Default: Ok.</summary>
    public HealthStatus Severity { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>The rest; may have several lines.</summary>
    public string Text { get; init; } = "";

    /// <summary>Figures beside the text.</summary>
    public IReadOnlyList<NotificationField> Fields { get; init => field = Readable.Copy(value); } = Readable.List<NotificationField>.Empty;

    /// <summary>For each alert that it says is over, the notifications that told of it: where all of them were refused, people must not hear of an end alone.</summary>
    public IReadOnlyList<IReadOnlyList<Guid>> Ends { get; init => field = Readable.Copy(value); } = Readable.List<IReadOnlyList<Guid>>.Empty;

    /// <summary>What it is about: a task, a rule.</summary>
    public string? Source { get; init; }
}

/// <summary>A figure beside the text of a notification.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, as text.</param>
public sealed record NotificationField(string Name, string Value);
