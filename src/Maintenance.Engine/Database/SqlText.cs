using System.Collections.Concurrent;

namespace Maintenance.Engine.Database;

/// <summary>Reads SQL texts, each a file of its own beside the service that runs it, built into the assembly.</summary>
internal static class SqlText
{
    private static readonly ConcurrentDictionary<string, string> Texts = new();

    /// <summary>The text of a file.</summary>
    /// <param name="path">Its path below the engine's folder, such as <c>Health/Sql/Activity.sql</c>.</param>
    public static string Read(string path) => Texts.GetOrAdd(path, EngineResource.Read);
}
