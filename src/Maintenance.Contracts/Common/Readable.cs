using System.Collections.ObjectModel;

namespace Maintenance;

/// <summary>Copies of lists and maps that say what is in them: the text of a column of a CSV file, and of whatever else knows texts alone.</summary>
internal static class Readable
{
    private const string Separator = "; ";

    /// <summary>A copy that nobody can change.</summary>
    /// <param name="items">The list.</param>
    public static IReadOnlyList<T> Copy<T>(IReadOnlyList<T> items) => items is List<T> ? items : items.Count == 0 ? List<T>.Empty : new List<T>([.. items]);

    /// <summary>A copy that nobody can change.</summary>
    /// <param name="items">The map.</param>
    public static IReadOnlyDictionary<string, T> Copy<T>(IReadOnlyDictionary<string, T> items) =>
        items is Map<T> ? items : new Map<T>(new Dictionary<string, T>(items, (items as Dictionary<string, T>)?.Comparer));

    // What a list holds may be a list of another kind, whose text is the name of its type.
    private static string? Text(object? item) =>
        item is System.Collections.IEnumerable items and not string && item.ToString() == item.GetType().ToString() ? $"({string.Join(", ", items.Cast<object?>().Select(Text))})" : item?.ToString();

    /// <summary>A list with its text.</summary>
    /// <param name="items">Its items.</param>
    internal sealed class List<T>(IList<T> items) : ReadOnlyCollection<T>(items)
    {
        public static new List<T> Empty { get; } = new([]);

        /// <inheritdoc/>
        public override string ToString() => string.Join(Separator, Items.Select(item => Text(item)));
    }

    /// <summary>A map with its text.</summary>
    /// <param name="items">Its items.</param>
    internal sealed class Map<T>(IDictionary<string, T> items) : ReadOnlyDictionary<string, T>(items)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join(Separator, Dictionary.Select(item => $"{item.Key}={Text(item.Value)}"));
    }
}
