using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Functions;

/// <summary>
/// Reads fields of a function's answer strictly: what is missing, null or of another type is an error with its path, never a
/// default. Messages never quote values, which may be personal.
/// </summary>
internal readonly struct JsonFields(string path, JObject fields)
{
    /// <summary>The answer below <c>$.result</c>, where the functions put it.</summary>
    public static JsonFields Result(JObject body) => new JsonFields("$", body).Object("result");

    public JsonFields Object(string name) => Required(name) is JObject value ? new JsonFields(PathOf(name), value) : throw Invalid(PathOf(name), "an object");

    public string Text(string name) => AsText(PathOf(name), Required(name));

    public string? OptionalText(string name) => Optional(name) is { } value ? AsText(PathOf(name), value) : null;

    /// <summary>A text, or a number as its text: the functions are not agreed on it.</summary>
    public string? OptionalWord(string name) => Optional(name) switch
    {
        null => null,
        { Type: JTokenType.Integer or JTokenType.Float } number => ((JValue)number).ToString(CultureInfo.InvariantCulture),
        var value => AsText(PathOf(name), value),
    };

    public bool Boolean(string name) => Required(name) is { Type: JTokenType.Boolean } value ? (bool)value : throw Invalid(PathOf(name), "true or false");

    public bool OptionalBoolean(string name) => Optional(name) switch
    {
        null => false,
        { Type: JTokenType.Boolean } value => (bool)value,
        _ => throw Invalid(PathOf(name), "true or false"),
    };

    /// <summary>A number that is not negative: nothing the functions measure is.</summary>
    public double Number(string name) => AsNumber(PathOf(name), Required(name));

    public double? OptionalNumber(string name) => Optional(name) is { } value ? AsNumber(PathOf(name), value) : null;

    /// <summary>A number from 0 to 100.</summary>
    public double Percent(string name) => Number(name) is <= 100 and var value ? value : throw Invalid(PathOf(name), "a percentage of 0 to 100");

    public double? OptionalPercent(string name) => Optional(name) is null ? null : Percent(name);

    public long Count(string name) => AsCount(PathOf(name), Required(name));

    public long? OptionalCount(string name) => Optional(name) is { } value ? AsCount(PathOf(name), value) : null;

    /// <summary>A list of objects that must be there.</summary>
    public IReadOnlyList<T> List<T>(string name, Func<JsonFields, T> read)
    {
        _ = Required(name);
        return OptionalList(name, read);
    }

    /// <summary>A list of objects; none if it is not there. The guide reads these as <c>[]?</c>.</summary>
    public IReadOnlyList<T> OptionalList<T>(string name, Func<JsonFields, T> read)
    {
        var path = PathOf(name);
        return [.. Items(name).Select((item, index) => item is JObject fields ? read(new JsonFields($"{path}[{index}]", fields)) : throw Invalid($"{path}[{index}]", "an object"))];
    }

    /// <summary>A list of sentences: texts, or objects that carry theirs in one of the fields.</summary>
    public IReadOnlyList<string> OptionalSentences(string name, params string[] fields)
    {
        var path = PathOf(name);
        return [.. Items(name).Select((item, index) => Sentence($"{path}[{index}]", item, fields))];
    }

    /// <summary>The errors of a list, which may be plain messages or objects.</summary>
    public IReadOnlyList<FunctionError> Errors(string name, bool required)
    {
        if (required)
        {
            _ = Required(name);
        }

        var path = PathOf(name);
        return [.. Items(name).Select((item, index) => item is JObject fields
            ? new JsonFields($"{path}[{index}]", fields).Error()
            : new FunctionError { Message = AsText($"{path}[{index}]", item) })];
    }

    private FunctionError Error() => new() { Message = Text("message"), Count = OptionalCount("count"), Component = OptionalText("component") };

    private static string Sentence(string path, JToken item, string[] names)
    {
        if (item is not JObject fields)
        {
            return AsText(path, item);
        }

        var name = names.FirstOrDefault(fields.ContainsKey) ?? throw Missing($"{path}.{names[0]}");
        return new JsonFields(path, fields).Text(name);
    }

    private JArray Items(string name) => Optional(name) switch
    {
        null => [],
        JArray items => items,
        _ => throw Invalid(PathOf(name), "a list"),
    };

    private JToken Required(string name)
    {
        if (!fields.TryGetValue(name, StringComparison.Ordinal, out var value))
        {
            throw Missing(PathOf(name));
        }

        return value.Type != JTokenType.Null ? value : throw new MaintenanceException(
            MaintenanceErrorCode.FunctionFieldNull,
            $"The field {PathOf(name)} of the answer is null, and a value is needed.",
            "Nothing was assumed in its place. Find out why the function does not know it.");
    }

    private JToken? Optional(string name) =>
        fields.TryGetValue(name, StringComparison.Ordinal, out var value) && value.Type != JTokenType.Null ? value : null;

    private static string AsText(string path, JToken value) => value.Type == JTokenType.String ? (string)value! : throw Invalid(path, "a text");

    private static double AsNumber(string path, JToken value) =>
        value.Type is JTokenType.Integer or JTokenType.Float && (double)value is >= 0 and < double.PositiveInfinity and var number
            ? number
            : throw Invalid(path, "a number that is not negative");

    private static long AsCount(string path, JToken value) =>
        AsNumber(path, value) is var number && number <= long.MaxValue / 2 && Math.Floor(number) == number ? (long)number : throw Invalid(path, "a whole number");

    private string PathOf(string name) => $"{path}.{name}";

    private static MaintenanceException Missing(string path) => new(
        MaintenanceErrorCode.FunctionFieldMissing,
        $"The answer has no field {path}.",
        "Nothing was assumed in its place. Compare the deployed version of the function with docs/functions.md.");

    private static MaintenanceException Invalid(string path, string expected) => new(
        MaintenanceErrorCode.FunctionFieldInvalid,
        $"The field {path} of the answer is not {expected}.",
        "Nothing was assumed in its place. Compare the deployed version of the function with docs/functions.md.");
}
