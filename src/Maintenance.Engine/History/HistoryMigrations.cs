using System.Text.RegularExpressions;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.History;

/// <summary>The steps by which a history's schema comes from one version to the next: the texts 001.sql, 002.sql, ...</summary>
internal static partial class HistoryMigrations
{
    /// <summary>All steps in order; their number is the newest version. The last statement of each says its version.</summary>
    /// <param name="dialect">The folder: sqlite or postgres.</param>
    public static IReadOnlyList<string> Of(string dialect) =>
    [
        .. typeof(HistoryMigrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"History/Sql/{dialect}/", StringComparison.Ordinal) && Numbered().IsMatch(name))
            .Order(StringComparer.Ordinal)
            .Select(SqlText.Read),
    ];

    [GeneratedRegex(@"/[0-9]{3}\.sql$")]
    private static partial Regex Numbered();
}
