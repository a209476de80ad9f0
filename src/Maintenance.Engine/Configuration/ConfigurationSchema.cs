using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Maintenance.Engine.Configuration;

/// <summary>
/// The published JSON schema, the one source of what a configuration may hold, and its verdicts in plain sentences.
/// </summary>
internal static class ConfigurationSchema
{
    /// <summary>The schema's text: what lies in the module's folder for editors.</summary>
    public static string Text { get; } = EngineResource.Read("Configuration/maintenance.schema.json");

    private static readonly Lazy<Task<JsonSchema>> Schema = new(() => JsonSchema.FromJsonAsync(Text));

    /// <summary>What does not fit the schema.</summary>
    public static async Task<IReadOnlyList<ConfigurationProblem>> ValidateAsync(JsonSource source) =>
        [.. Flatten((await Schema.Value).Validate(source.Root!))
            // What is of the wrong type also lacks members and is in no list: the first verdict on a part says it all.
            .Where(error => error.Kind != ValidationErrorKind.PropertyRequired || error.Token is JObject)
            .DistinctBy(error => (error.Path, error.Kind == ValidationErrorKind.PropertyRequired))
            .Select(error => ToProblem(source, error))];

    /// <summary>
    /// Takes out of a file what does not fit, so that the rest can be looked at as well: the rule, policy or other item of a list as a whole, since its
    /// parts belong together; else the setting alone.
    /// </summary>
    /// <param name="root">The tree, which is changed.</param>
    /// <returns>False if it cannot be made to fit.</returns>
    public static async Task<bool> PruneAsync(JObject root)
    {
        // What lacks a part that was taken out goes as well, from the inside to the outside.
        for (var round = 0; round < MostLevels; round++)
        {
            var errors = Flatten((await Schema.Value).Validate(root)).ToList();
            if (errors.Count == 0)
            {
                return true;
            }

            foreach (var part in errors.Select(error => PartOf(error)).Distinct().ToList())
            {
                if (part is null)
                {
                    return false;
                }

                if (part.Parent is not null)
                {
                    part.Remove();
                }
            }
        }

        return false;
    }

    private const int MostLevels = 10;

    // The property or item to take out; null where that would be the whole.
    private static JToken? PartOf(ValidationError error)
    {
        var token = error.Kind == ValidationErrorKind.NoAdditionalPropertiesAllowed && error.Token is JObject holder ? holder.Property(error.Property!, StringComparison.Ordinal)! : error.Token!;
        var part = token is JProperty ? token : token.Parent is JProperty property ? property : token;
        var item = part.AncestorsAndSelf().LastOrDefault(ancestor => ancestor.Parent is JArray);
        // A limit is right or wrong together with the other one of its metric.
        var limits = part.AncestorsAndSelf().OfType<JProperty>().FirstOrDefault(ancestor => ancestor.Parent?.Parent is JProperty { Name: "thresholds" });
        return item ?? limits ?? (part is JProperty { Name: not "targets" } ? part : null);
    }

    // Errors below a named or numbered child are wrapped in one for the child, which says nothing of its own.
    private static IEnumerable<ValidationError> Flatten(IEnumerable<ValidationError> errors) => errors.SelectMany(error =>
        error is ChildSchemaValidationError parent ? Flatten(parent.Errors.Values.SelectMany(children => children)) : [error]);

    private static ConfigurationProblem ToProblem(JsonSource source, ValidationError error)
    {
        var token = error.Token!;
        if (error.Kind == ValidationErrorKind.NoAdditionalPropertiesAllowed)
        {
            var property = token as JProperty ?? ((JObject)token).Property(error.Property!, StringComparison.Ordinal)!;
            return source.ProblemAt(property, UnknownName(property.Name, error.Schema));
        }

        return source.ProblemAt(token, error.Kind == ValidationErrorKind.PropertyRequired
            ? $"\"{error.Property}\" is missing."
            : $"{Subject(token)} {Complaint(error)}");
    }

    private static string Subject(JToken token) => (token as JProperty ?? token.Parent) is JProperty property
        ? $"\"{property.Name}\""
        : token.Parent is JArray ? "This item" : "The whole";

    private static string UnknownName(string name, JsonSchema schema) => schema.ActualProperties.Count > 0
        ? $"\"{name}\" is not known here. {Suggestion.Sentence(name, [.. schema.ActualProperties.Keys])}"
        : $"\"{name}\" cannot be a name here: names are 1 to 63 letters, digits, '.', '_' and '-', and begin with a letter or digit.";

    private static string Complaint(ValidationError error)
    {
        var schema = error.Schema.ActualSchema;
        return error.Kind switch
        {
            ValidationErrorKind.StringExpected or ValidationErrorKind.PatternMismatch when Hint(schema) is { } hint => hint,
            ValidationErrorKind.StringExpected => $"must be text in double quotes, not {Kind(error.Token)}.",
            ValidationErrorKind.IntegerExpected => $"must be a whole number, not {Kind(error.Token)}.",
            ValidationErrorKind.NumberExpected => $"must be a number, not {Kind(error.Token)}.",
            ValidationErrorKind.ObjectExpected => $"must be an object in braces, not {Kind(error.Token)}.",
            ValidationErrorKind.ArrayExpected => $"must be a list in brackets, not {Kind(error.Token)}.",
            ValidationErrorKind.NumberTooSmall => $"must be at least {schema.Minimum}.",
            ValidationErrorKind.NumberTooBig or ValidationErrorKind.IntegerTooBig => $"must be at most {schema.Maximum}.",
            ValidationErrorKind.NotInEnumeration => $"must be one of {string.Join(", ", schema.Enumeration)}, written exactly so.",
            ValidationErrorKind.StringTooShort or ValidationErrorKind.TooFewProperties => "must not be empty.",
            ValidationErrorKind.ItemsNotUnique => "must not hold anything twice.",
            _ => $"does not fit the schema ({error.Kind}).",
        };
    }

    // The same text that editors show.
    private static string? Hint(JsonSchema schema) =>
        schema.ExtensionData?.TryGetValue("patternErrorMessage", out var hint) == true ? hint as string : null;

    private static string Kind(JToken? token) => token?.Type switch
    {
        JTokenType.Object => "an object",
        JTokenType.Array => "a list",
        JTokenType.String => "text",
        JTokenType.Integer => "a whole number",
        JTokenType.Float => "a number with a fraction",
        JTokenType.Boolean => "true or false",
        _ => "null",
    };
}
