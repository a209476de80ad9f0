using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Reporting;

/// <summary>
/// What of an object may stand in a report, which goes to others: no secret, no reference to one, and of settings that have secrets only the name
/// by which they are called. Addresses lose what may be a secret in them.
/// </summary>
internal static class PublicValues
{
    private const int Deepest = 8;
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    /// <summary>The properties of a type that can be read, without those that are secrets.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && !IsSecret(property.PropertyType));

    /// <summary>The value of a property; null where it has none to give.</summary>
    public static object? Value(PropertyInfo property, object item)
    {
        try
        {
            return property.GetValue(item);
        }
        catch (TargetInvocationException)
        {
            return null;
        }
    }

    /// <summary>True for settings with a secret somewhere in them.</summary>
    public static bool HasSecrets(Type type) => Known.GetOrAdd(type, static known => Search(known, []));

    /// <summary>How settings with secrets are called; null where their name is not known to be harmless.</summary>
    public static string? Name(object settings) => settings switch
    {
        MaintenanceTarget target => target.Name,
        DatabaseSettings { ConnectionString: null } database => $"{database.Username}@{database.Host}:{database.Port}/{database.Database}",
        StoreSettings { Path: { } path } => path,
        StoreSettings { ConnectionString: null } store => $"{(store.ServiceUri is { } uri ? Address(uri).TrimEnd('/') : store.AccountName ?? "azure")}/{store.Container}/{store.Prefix}".TrimEnd('/'),
        _ => null,
    };

    /// <summary>An address without user, query and fragment.</summary>
    public static string Address(Uri uri) => uri.IsAbsoluteUri ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : uri.OriginalString.Split('?', '#')[0];

    /// <summary>An object with all that it says: names in camelCase, sizes in bytes, durations in seconds, times in UTC.</summary>
    public static JObject Json(object item)
    {
        var json = new JObject { ["type"] = item.GetType().Name };
        Add(json, item, 0);
        return json;
    }

    private static void Add(JObject json, object item, int depth)
    {
        foreach (var property in Properties(item.GetType()))
        {
            // A type has no second one.
            var name = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            json[json.ContainsKey(name) ? $"{name}Value" : name] = Token(Value(property, item), depth + 1);
        }
    }

    private static JToken Token(object? value, int depth)
    {
        switch (value)
        {
            case null or SecureString or SecretReference:
                return JValue.CreateNull();
            case string or bool or int or long or short or byte or uint or decimal:
                return JToken.FromObject(value);
            case double number:
                return double.IsFinite(number) ? new JValue(number) : JValue.CreateNull();
            case float number:
                return float.IsFinite(number) ? new JValue(number) : JValue.CreateNull();
            case DateTimeOffset time:
                return new JValue(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            case TimeSpan time:
                return new JValue(time.TotalSeconds);
            case Uri uri:
                return new JValue(Address(uri));
            // Of channels only how they are called: where they go is a secret.
            case IDictionary entries when entries.Values.Cast<object?>().Any(entry => entry is not null && HasSecrets(entry.GetType())):
                return new JArray(entries.Keys.Cast<object>().Select(key => key.ToString()));
            case IDictionary entries:
                return new JObject(entries.Keys.Cast<object>().Select(key => new JProperty(key.ToString() ?? "", Token(entries[key], depth + 1))));
            case IEnumerable items:
                return new JArray(items.Cast<object?>().Select(entry => Token(entry, depth + 1)));
            case IFormattable formattable:
                return new JValue(formattable.ToString(null, CultureInfo.InvariantCulture));
        }

        if (HasSecrets(value.GetType()))
        {
            return Name(value) is { } name ? new JValue(name) : JValue.CreateNull();
        }

        if (!IsContract(value.GetType()) || depth > Deepest)
        {
            return JValue.CreateNull();
        }

        var json = new JObject();
        Add(json, value, depth);
        return json;
    }

    private static bool IsSecret(Type type) => typeof(SecureString).IsAssignableFrom(type) || typeof(SecretReference).IsAssignableFrom(type);

    private static bool IsContract(Type type) => type.Assembly == typeof(Finding).Assembly;

    private static bool Search(Type type, HashSet<Type> seen) => IsSecret(type)
        || (IsContract(type) && !type.IsEnum && seen.Add(type) && type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property => Parts(property.PropertyType)).Any(part => Search(part, seen)));

    private static IEnumerable<Type> Parts(Type type) => type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : type.IsArray ? [type.GetElementType()!] : [type];
}
