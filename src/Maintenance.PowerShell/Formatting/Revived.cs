using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Maintenance.Formatting;

/// <summary>
/// Records that were kept in a file or came from another session, made into what they were, for views: what a view calls takes nothing
/// else. What is not there any more is left out; whoever acts on a record takes it whole or not at all, and findings by <see cref="Infrastructure.RevivedFindingsAttribute"/>.
/// </summary>
public static class Revived
{
    private const string Prefix = "Deserialized.Maintenance.";

    /// <summary>The record; or the object itself, where it is none that was kept.</summary>
    /// <param name="row">A row of a view.</param>
    public static object? Live(PSObject? row) =>
        row is { BaseObject: PSCustomObject } && TypeOf(row) is { } type ? Record(row, type, isWhole: false) : row is { BaseObject: PSCustomObject } ? row : row?.BaseObject;

    /// <summary>The record, if nothing of it was lost; or the object itself, where it is none that was kept.</summary>
    /// <param name="row">A row, as a parameter takes it.</param>
    /// <exception cref="ArgumentTransformationMetadataException">A part of it was lost, or it lacks what every record of its kind has.</exception>
    internal static object? Whole(object? row) =>
        row is PSObject { BaseObject: PSCustomObject } kept && TypeOf(kept) is { } type ? Record(kept, type, isWhole: true) : row;

    private static Type? TypeOf(PSObject row) =>
        row.TypeNames.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => typeof(Finding).Assembly.GetType($"Maintenance.{name[Prefix.Length..]}"))
            .FirstOrDefault(type => type is not null);

    private static object Record(PSObject kept, Type type, bool isWhole)
    {
        if (isWhole && type.GetProperties().FirstOrDefault(property => Lacks(kept, property)) is { } lost)
        {
            throw new ArgumentTransformationMetadataException(
                $"The {lost.Name} of this {type.Name} was lost when it was kept. Get it anew, or keep such rows with more: Export-Clixml -Depth 5.");
        }

        var constructor = type.GetConstructors().MinBy(candidate => candidate.GetParameters().Length)
            ?? throw new PSInvalidCastException($"A {type.Name} is made by nobody.");
        var record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(kept, parameter.Name!, parameter.ParameterType, isWhole))]);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } && kept.Properties[property.Name] is not null))
        {
            if (Value(kept, property.Name, property.PropertyType, isWhole) is { } value)
            {
                property.SetValue(record, value);
            }
        }

        return record;
    }

    // What every record of the kind has, or what was kept as its text alone.
    private static bool Lacks(PSObject kept, PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } && kept.Properties[property.Name]?.Value switch
        {
            null => property.IsDefined(typeof(RequiredMemberAttribute)),
            { } value => Value(value, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, isWhole: true) is null,
        };

    private static object? Value(PSObject kept, string property, Type type, bool isWhole) => Value(kept.Properties[property]?.Value, Nullable.GetUnderlyingType(type) ?? type, isWhole);

    private static object? Value(object? value, Type type, bool isWhole)
    {
        var bare = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        if (bare is null)
        {
            return null;
        }

        if (type.IsEnum)
        {
            return Enum.TryParse(type, value!.ToString(), ignoreCase: true, out var word) ? word : null;
        }

        if (type == typeof(DateTimeOffset))
        {
            return DisplayText.TimeOf(bare);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && bare is IEnumerable items and not string)
        {
            return Items(items, type.GetGenericArguments()[0], isWhole);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && bare is IDictionary map)
        {
            return Map(map, type.GetGenericArguments(), isWhole);
        }

        return bare is PSObject record ? type.Assembly == typeof(Finding).Assembly && type is { IsAbstract: false } ? Record(record, type, isWhole) : null
            : LanguagePrimitives.TryConvertTo(bare, type, CultureInfo.InvariantCulture, out var converted) ? converted
            : null;
    }

    private static Array? Items(IEnumerable items, Type type, bool isWhole)
    {
        var all = items.Cast<object?>().Select(item => Value(item, type, isWhole)).ToArray();
        var values = all.Where(item => item is not null).ToArray();
        if (isWhole && values.Length < all.Length)
        {
            return null;
        }

        var array = Array.CreateInstance(type, values.Length);
        values.CopyTo(array, 0);
        return array;
    }

    private static object Map(IDictionary map, Type[] types, bool isWhole)
    {
        var values = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(types))!;
        foreach (DictionaryEntry item in map)
        {
            if (Value(item.Key, types[0], isWhole) is { } key)
            {
                values[key] = types[1] == typeof(object) ? item.Value : Value(item.Value, types[1], isWhole);
            }
        }

        return values;
    }
}
