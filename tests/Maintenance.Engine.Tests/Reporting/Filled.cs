using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security;

namespace Maintenance.Engine.Tests.Reporting;

/// <summary>Objects of any contract type, with something in each property.</summary>
internal static class Filled
{
    /// <summary>Stands in everything that is a secret.</summary>
    public const string Secret = "S3cretValue";

    public static T Of<T>() => (T)Of(typeof(T));

    public static object Of(Type type) => Value(type, "", 0)!;

    private static object? Value(Type type, string name, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => $"some {name}",
            _ when type == typeof(long) => 6428811L,
            _ when type == typeof(int) => 7,
            _ when type == typeof(double) => 12.5,
            _ when type == typeof(bool) => true,
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(90),
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
            _ when type == typeof(Uri) => new Uri($"https://user:{Secret}@example.test/path?sig={Secret}#{Secret}"),
            _ when type == typeof(SecureString) => Secure(),
            _ when type == typeof(SecretReference) => SecretReference.FromSecureString(Secure()),
            _ when type.IsEnum => Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1),
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) => Entries(type, depth),
            _ when type.IsGenericType && type.IsInterface => Items(type.GetGenericArguments()[0], name, depth),
            _ when type.IsValueType => RuntimeHelpers.GetUninitializedObject(type),
            _ when type.IsClass && !type.IsAbstract && type.Assembly == typeof(Finding).Assembly && depth < 5 => Object(type, depth),
            _ => null,
        };
    }

    private static object Object(Type type, int depth)
    {
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null))
        {
            if (Value(property.PropertyType, property.Name, depth + 1) is { } value)
            {
                property.SetValue(made, value);
            }
        }

        return made;
    }

    private static Array Items(Type type, string name, int depth)
    {
        var item = Value(type, name, depth + 1);
        var items = Array.CreateInstance(type, item is null ? 0 : 1);
        if (item is not null)
        {
            items.SetValue(item, 0);
        }

        return items;
    }

    private static IDictionary Entries(Type type, int depth)
    {
        var entries = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GetGenericArguments()))!;
        if (type.GetGenericArguments()[0] == typeof(string))
        {
            entries.Add("Emergency", Value(type.GetGenericArguments()[1], "value", depth + 1));
        }

        return entries;
    }

    private static SecureString Secure()
    {
        var secret = new SecureString();
        foreach (var letter in Secret)
        {
            secret.AppendChar(letter);
        }

        return secret;
    }
}
