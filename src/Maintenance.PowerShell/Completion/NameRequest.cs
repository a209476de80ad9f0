using System.Collections;
using System.Management.Automation;
using System.Reflection;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>What somebody wants completed, and how it has to be written there.</summary>
internal sealed class NameRequest
{
    private readonly Type _completer;
    private readonly string _word;
    private readonly PropertyInfo? _parameter;

    public NameRequest(Type completer, string? command, string? parameter, string? word, IDictionary? bound)
    {
        _completer = completer;
        _word = word ?? "";
        Command = command ?? "";
        Bound = bound ?? new Hashtable();
        Session = MaintenanceSession.Get();
        _parameter = completer.Assembly.GetType($"Maintenance.Commands.{Command.Replace("-", "", StringComparison.Ordinal)}Command", throwOnError: false, ignoreCase: true)
            ?.GetProperty(parameter ?? "", BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        Typed = NameText.Unquote(_word);
        if (IsPattern)
        {
            Typed = Typed.Replace("`", "", StringComparison.Ordinal);
        }

        if (NamesRelation)
        {
            Typed = Typed.Replace("\"", "", StringComparison.Ordinal);
        }
    }

    /// <summary>The session of the runspace.</summary>
    public MaintenanceSession Session { get; }

    /// <summary>The cmdlet.</summary>
    public string Command { get; }

    /// <summary>The other arguments that are typed already.</summary>
    public IDictionary Bound { get; }

    /// <summary>The beginning of the name, without the quotes around it.</summary>
    public string Typed { get; }

    /// <summary>The target that is named, or else the one connected last; null if there is none.</summary>
    public MaintenanceTarget? Target =>
        !Bound.Contains("Target") ? Session.Current
        : LanguagePrimitives.TryConvertTo<TargetArgument[]>(Bound["Target"], out var given) && given is [{ } first, ..] ? first.Find(Session)
        : null;

    /// <summary>The targets that are named, or else all connected ones.</summary>
    public IEnumerable<MaintenanceTarget> Targets => Bound.Contains("Target") ? [.. new[] { Target }.OfType<MaintenanceTarget>()] : Session.Targets;

    /// <summary>True where the parts of a name are told apart by dots: see <see cref="DbObjectReference"/>.</summary>
    public bool NamesRelation => (_parameter?.PropertyType.GetElementType() ?? _parameter?.PropertyType) == typeof(DbObjectReference);

    /// <summary>Equal for requests that have the same answer.</summary>
    public object Key => (_completer, Command, Typed, Target, string.Join('\n', Bound.Keys.Cast<object>().Where(name => !name.Equals(_parameter?.Name)).Select(name => $"{name}={Bound[name]}").Order(StringComparer.Ordinal)));

    private bool IsPattern => _parameter?.IsDefined(typeof(SupportsWildcardsAttribute)) == true;

    /// <summary>Those names that begin as it was typed, as they stand on the line.</summary>
    /// <param name="choices">The names.</param>
    public IReadOnlyList<CompletionResult> Fitting(IEnumerable<NameChoice> choices) =>
    [
        .. choices
            .Where(choice => choice.Name.Length > 0 && !choice.Name.Any(NameText.BreaksLine))
            .Where(choice => Bare(choice).StartsWith(Typed, StringComparison.OrdinalIgnoreCase))
            .Select(choice => new CompletionResult(Written(choice), choice.Name, CompletionResultType.ParameterValue, ToolTip(choice))),
    ];

    private string Bare(NameChoice choice) => NamesRelation ? choice.Name.Replace("\"", "", StringComparison.Ordinal) : choice.Name;

    private string Written(NameChoice choice) =>
        choice.IsValue ? choice.Name : NameText.Quote(IsPattern ? DbObjectPattern.Escape(choice.Name) : choice.Name, _word);

    private static string ToolTip(NameChoice choice) =>
        new string([.. choice.ToolTip.Select(character => NameText.BreaksLine(character) ? ' ' : character)]) is { } text && !string.IsNullOrWhiteSpace(text) ? text : choice.Name;
}
