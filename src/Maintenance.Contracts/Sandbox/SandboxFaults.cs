namespace Maintenance;

/// <summary>What the functions of a sandbox do wrong, to see what becomes of it.</summary>
public enum FunctionFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The answer takes three seconds longer.</summary>
    Slow = 1,

    /// <summary>There is no answer.</summary>
    Hang = 2,

    /// <summary>A page to sign in, with status 200.</summary>
    Html = 3,

    /// <summary>Status 200, and a body that says <c>unhealthy</c>.</summary>
    Unhealthy = 4,

    /// <summary>Every number is missing in the answer.</summary>
    MissingField = 5,

    /// <summary>Status 401, as for a wrong key. <c>401</c> for short.</summary>
    Http401 = 401,

    /// <summary>Status 500 with a JSON body. <c>500</c> for short.</summary>
    Http500 = 500,
}

/// <summary>What the notification sink of a sandbox does wrong.</summary>
public enum NotificationFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There is no answer.</summary>
    Hang = 1,

    /// <summary>The message is taken, and the connection closed without an answer.</summary>
    Drop = 2,

    /// <summary>Status 404, as for a webhook that was removed. <c>404</c> for short.</summary>
    Http404 = 404,

    /// <summary>Status 429 with Retry-After. <c>429</c> for short.</summary>
    Http429 = 429,

    /// <summary>Status 500. <c>500</c> for short.</summary>
    Http500 = 500,
}
