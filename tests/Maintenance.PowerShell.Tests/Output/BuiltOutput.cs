using System.Reflection;

namespace Maintenance.ModuleTests.Output;

/// <summary>Makes an object of any record that cmdlets give, with something in each of its properties: also of what no sandbox has.</summary>
internal static class BuiltOutput
{
    /// <summary>What is in each secret.</summary>
    public const string Secret = "made-secret";

    private const int Deepest = 4;

    private static readonly DateTimeOffset Time = new(2026, 11, 27, 3, 4, 5, TimeSpan.Zero);

    /// <summary>An object with something in each property.</summary>
    /// <param name="type">A type of the contracts.</param>
    /// <param name="textLength">How long texts are at least.</param>
    /// <param name="duration">How long everything takes.</param>
    public static object Make(Type type, int textLength = 0, TimeSpan? duration = null) => new Maker(textLength, duration ?? TimeSpan.FromSeconds(3723)).Make(type, type.Name, 0) ?? throw new InvalidOperationException($"There is no way to make a {type}.");

    /// <summary>The types that lie within others, and the others.</summary>
    /// <param name="types">Types that cmdlets give.</param>
    public static IReadOnlyList<Type> Closure(IEnumerable<Type> types)
    {
        var found = new List<Type>();
        var waiting = new Queue<Type>(types);
        while (waiting.TryDequeue(out var type))
        {
            if (found.Contains(type) || !IsRecord(type))
            {
                continue;
            }

            found.Add(type);
            // What a system is configured with is no output of its own.
            foreach (var property in type == typeof(MaintenanceTarget) ? [] : Settable(type))
            {
                var inner = Item(property.PropertyType) ?? Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                waiting.Enqueue(inner);
            }
        }

        return found;
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0);

    private static Type? Item(Type type) =>
        type.IsArray ? type.GetElementType()
        : !type.IsGenericType ? null
        : type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
        : type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? type.GetGenericArguments()[1]
        : null;

    private static bool IsRecord(Type type) => type.Assembly == typeof(Finding).Assembly && type is { IsClass: true, IsAbstract: false, IsPublic: true };

    private sealed class Maker(int textLength, TimeSpan duration)
    {
        public object? Make(Type type, string name, int depth)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type == typeof(string))
            {
                return $"some {name}".PadRight(textLength, 'x');
            }

            if (type == typeof(bool))
            {
                return true;
            }

            if (type == typeof(DateTimeOffset))
            {
                return Time;
            }

            if (type == typeof(DateOnly))
            {
                return DateOnly.FromDateTime(Time.UtcDateTime);
            }

            if (type == typeof(TimeOnly))
            {
                return TimeOnly.FromDateTime(Time.UtcDateTime);
            }

            if (type == typeof(TimeSpan))
            {
                return duration;
            }

            if (type == typeof(Uri))
            {
                return new Uri("https://example.invalid/path");
            }

            if (type == typeof(SecretReference))
            {
                return SecretReference.FromSecureString(new System.Net.NetworkCredential("", Secret).SecurePassword);
            }

            if (type.IsEnum)
            {
                return Enum.GetValues(type).Cast<object>().Last();
            }

            if (type.IsPrimitive || type == typeof(decimal))
            {
                return Convert.ChangeType(42, type, System.Globalization.CultureInfo.InvariantCulture);
            }

            if (type == typeof(object))
            {
                return 42;
            }

            if (Item(type) is { } item)
            {
                return Items(type, item, name, depth);
            }

            return IsRecord(type) && depth <= Deepest ? Record(type, depth) : null;
        }

        private object? Items(Type type, Type item, string name, int depth)
        {
            var value = Make(item, name, depth + 1);
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            {
                var map = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), item))!;
                if (value is not null)
                {
                    map["some key"] = value;
                }

                return map;
            }

            var array = Array.CreateInstance(item, value is null ? 0 : 1);
            if (value is not null)
            {
                array.SetValue(value, 0);
            }

            return array;
        }

        private object Record(Type type, int depth)
        {
            var constructor = type.GetConstructors().OrderBy(candidate => candidate.GetParameters().Length).First(candidate =>
                candidate.GetParameters() is not [{ ParameterType: var only }] || only != type);
            var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!, depth + 1))]);
            foreach (var property in Settable(type).Where(property => property.SetMethod is not null))
            {
                if (Make(property.PropertyType, property.Name, depth + 1) is { } value)
                {
                    property.SetValue(made, value);
                }
            }

            return made;
        }
    }
}
