using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Makes an argument of a row that was kept in a file, or came from another session.</summary>
/// <typeparam name="T">The argument.</typeparam>
public abstract class KeptArgument<T> : PSTypeConverter
    where T : class
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => sourceValue is PSObject kept && Of(kept) is not null;

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        sourceValue is PSObject kept && Of(kept) is { } argument ? argument : throw new PSInvalidCastException($"This is no {typeof(T).Name}.");

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => throw new PSInvalidCastException();

    /// <summary>The argument; null where the row is no such thing.</summary>
    /// <param name="kept">A row.</param>
    protected abstract T? Of(PSObject kept);

    /// <summary>Whether a row was a record of a type.</summary>
    /// <param name="kept">The row.</param>
    /// <param name="type">The type.</param>
    protected static bool Was(PSObject kept, Type type)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(type);
        return kept.BaseObject is PSCustomObject && kept.TypeNames.Contains($"Deserialized.{type.FullName}");
    }
}
