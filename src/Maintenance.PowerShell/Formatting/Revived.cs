using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Maintenance.Formatting;

/// <summary>
/// Records that were kept in a file or came from another session, made into what they were, for views: what a view calls takes nothing
/// else. What is not there any more is left out. For acting on something this is not enough: see <see cref="Infrastructure.RevivedFindingsAttribute"/>.
/// </summary>
public static class Revived
{
    private const string Prefix = "Deserialized.Maintenance.";

    /// <summary>The record; or the object itself, where it is none that was kept.</summary>
    /// <param name="row">A row of a view.</param>
    public static object? Live(PSObject? row) =>
        row is { BaseObject: PSCustomObject } && TypeOf(row) is { } type ? Record(row, type) : row is { BaseObject: PSCustomObject } ? row : row?.BaseObject;

    private static Type? TypeOf(PSObject row) =>
        row.TypeNames.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => typeof(Finding).Assembly.GetType($"Maintenance.{name[Prefix.Length..]}"))
            .FirstOrDefault(type => type is not null);

    private static object Record(PSObject kept, Type type)
    {
        var constructor = type.GetConstructors().MinBy(candidate => candidate.GetParameters().Length)
            ?? throw new PSInvalidCastException($"A {type.Name} is made by nobody.");
        var record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(kept, parameter.Name!, parameter.ParameterType))]);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } && kept.Properties[property.Name] is not null))
        {
            if (Value(kept, property.Name, property.PropertyType) is { } value)
            {
                property.SetValue(record, value);
            }
        }

        return record;
    }

    private static object? Value(PSObject kept, string property, Type type) => Value(kept.Properties[property]?.Value, Nullable.GetUnderlyingType(type) ?? type);

    private static object? Value(object? value, Type type)
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

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && bare is IEnumerable items and not string)
        {
            return Items(items, type.GetGenericArguments()[0]);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && bare is IDictionary map)
        {
            return Map(map, type.GetGenericArguments());
        }

        return bare is PSObject record ? type.Assembly == typeof(Finding).Assembly && type is { IsAbstract: false } ? Record(record, type) : null
            : LanguagePrimitives.TryConvertTo(bare, type, CultureInfo.InvariantCulture, out var converted) ? converted
            : null;
    }

    private static Array Items(IEnumerable items, Type type)
    {
        var values = items.Cast<object?>().Select(item => Value(item, type)).Where(item => item is not null).ToArray();
        var array = Array.CreateInstance(type, values.Length);
        values.CopyTo(array, 0);
        return array;
    }

    private static object Map(IDictionary map, Type[] types)
    {
        var values = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(types))!;
        foreach (DictionaryEntry item in map)
        {
            if (Value(item.Key, types[0]) is { } key)
            {
                values[key] = types[1] == typeof(object) ? item.Value : Value(item.Value, types[1]);
            }
        }

        return values;
    }
}
