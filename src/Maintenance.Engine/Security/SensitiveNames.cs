namespace Maintenance.Engine.Security;

/// <summary>Names of columns that hold what lets somebody in, or proves who somebody is.</summary>
internal static class SensitiveNames
{
    /// <summary>The pattern, as PostgreSQL reads it: whole words between underscores.</summary>
    public const string Pattern =
        "(^|[_-])(password|passwd|pwd|passphrase|secret|api[_-]?key|private[_-]?key|access[_-]?key|(access|refresh|session|bearer|auth|reset|id)[_-]?token|token[_-]?hash|otp|totp|mfa[_-]?secret|"
        + "recovery[_-]?codes?|backup[_-]?codes?|ssn|social[_-]?security(_number)?|passport([_-]?(number|no|id))?|national[_-]?id|tax[_-]?id|iban|credit[_-]?card([_-]?number)?|card[_-]?number|cvv|cvc|"
        + "bank[_-]?account|account[_-]?number|medical[_-]?record|health[_-]?record|insurance[_-]?number)($|[_-](hash|digest|encrypted|enc|value|text|number)$)";
}
