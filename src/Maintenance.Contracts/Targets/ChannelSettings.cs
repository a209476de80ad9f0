namespace Maintenance;

/// <summary>A place to notify.</summary>
public sealed record ChannelSettings
{
    /// <summary>Where the webhook's address is. The address itself is a secret: whoever has it can post.</summary>
    public required SecretReference Webhook { get; init; }

    /// <summary>What the webhook understands: <c>Slack</c> or <c>Json</c>. Default <c>Slack</c>.</summary>
    public string Kind { get; init; } = "Slack";
}
