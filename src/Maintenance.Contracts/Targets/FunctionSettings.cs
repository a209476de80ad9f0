namespace Maintenance;

/// <summary>How to reach a target's edge functions.</summary>
public sealed record FunctionSettings
{
    /// <summary>Address under which the functions lie, for example <c>https://REF.supabase.co/functions/v1</c>.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>Where the bearer token is, for functions that verify a JWT.</summary>
    public SecretReference? BearerToken { get; init; }

    /// <summary>Where the API key is, sent as <c>apikey</c>.</summary>
    public SecretReference? ApiKey { get; init; }
}
