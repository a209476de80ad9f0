using System.Diagnostics.CodeAnalysis;
using System.Security;

namespace Maintenance;

/// <summary>Where a secret comes from.</summary>
public enum SecretSource
{
    /// <summary>An environment variable: <c>env:NAME</c>.</summary>
    Environment = 0,

    /// <summary>A SecretManagement vault: <c>secret:Vault/Name</c> or <c>secret:Name</c>.</summary>
    Vault,

    /// <summary>Given by the caller as a SecureString.</summary>
    Given,
}

/// <summary>Says where a secret is. It is looked up when it is used, and its text never appears in output.</summary>
public sealed class SecretReference : IEquatable<SecretReference>
{
    private readonly SecureString? _given;

    private SecretReference(SecretSource source, string name, string vault, SecureString? given)
    {
        Source = source;
        Name = name;
        Vault = vault;
        _given = given;
    }

    /// <summary>Where the secret comes from.</summary>
    public SecretSource Source { get; }

    /// <summary>Name of the variable or of the secret in its vault; empty for a given one.</summary>
    public string Name { get; }

    /// <summary>Name of the vault; empty for the default one.</summary>
    public string Vault { get; }

    /// <summary>A reference to an environment variable.</summary>
    /// <param name="name">Name of the variable.</param>
    public static SecretReference FromEnvironment(string name) => new(SecretSource.Environment, name, "", null);

    /// <summary>A secret that the caller holds.</summary>
    /// <param name="secret">The secret.</param>
    public static SecretReference FromSecureString(SecureString secret) => new(SecretSource.Given, "", "", secret);

    /// <summary>The secret itself, where the caller gave it: so that what takes a SecureString takes this.</summary>
    /// <param name="reference">The reference.</param>
    public static implicit operator SecureString(SecretReference reference) => (reference ?? throw new ArgumentNullException(nameof(reference))).ToSecureString();

    // No property: what shows, exports or keeps properties would show, export or keep the secret, or the name of its type.

    /// <summary>The secret itself, which the caller gave.</summary>
    /// <exception cref="InvalidOperationException">It is elsewhere, and was not given.</exception>
    public SecureString ToSecureString() => _given ?? throw new InvalidOperationException($"The secret is not here but in {this}.");

    /// <summary>Reads <c>env:NAME</c>, <c>secret:Vault/Name</c> or <c>secret:Name</c>.</summary>
    /// <param name="text">The text. A plain secret is not accepted.</param>
    /// <param name="reference">The reference, if the text is one.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SecretReference? reference)
    {
        reference = null;
        if (text is null)
        {
            return false;
        }

        if (text.StartsWith("env:", StringComparison.OrdinalIgnoreCase) && text.Length > 4)
        {
            reference = FromEnvironment(text[4..]);
        }
        else if (text.StartsWith("secret:", StringComparison.OrdinalIgnoreCase) && text.Length > 7)
        {
            var rest = text[7..];
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            reference = slash < 0
                ? new SecretReference(SecretSource.Vault, rest, "", null)
                : new SecretReference(SecretSource.Vault, rest[(slash + 1)..], rest[..slash], null);
            if (reference.Name.Length == 0)
            {
                reference = null;
            }
        }

        return reference is not null;
    }

    /// <summary>The reference, never the secret.</summary>
    public override string ToString() => Source switch
    {
        SecretSource.Environment => $"env:{Name}",
        SecretSource.Vault when Vault.Length > 0 => $"secret:{Vault}/{Name}",
        SecretSource.Vault => $"secret:{Name}",
        _ => "(given)",
    };

    /// <inheritdoc/>
    public bool Equals(SecretReference? other) =>
        other is not null && Source == other.Source && Name == other.Name && Vault == other.Vault && ReferenceEquals(_given, other._given);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SecretReference);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Name, Vault);
}
