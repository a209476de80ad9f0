using System.Collections;
using System.Reflection;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>The environment variables that a target's secrets are in. Looks at its settings wherever they are, so that a new one cannot be forgotten here.</summary>
internal static class SecretVariables
{
    /// <summary>Their names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Of(MaintenanceTarget target) => [.. Find(target, 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Find(object? value, int depth) => value switch
    {
        null or string => [],
        SecretReference { Source: SecretSource.Environment } reference => [reference.Name],
        SecretReference => [],
        _ when depth > 8 => [],
        IDictionary map => map.Values.Cast<object?>().SelectMany(item => Find(item, depth + 1)),
        IEnumerable items => items.Cast<object?>().SelectMany(item => Find(item is null ? null : Entry(item), depth + 1)),
        _ when value.GetType() is { IsEnum: false, IsValueType: false } type && type.Assembly == typeof(MaintenanceTarget).Assembly =>
            type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.GetIndexParameters().Length == 0)
                .SelectMany(property => Find(property.GetValue(value), depth + 1)),
        _ => [],
    };

    private static object? Entry(object item) =>
        item.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) ? type.GetProperty("Value")!.GetValue(item) : item;
}
