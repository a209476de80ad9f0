using System.Text;

namespace Maintenance.Engine.History;

/// <summary>Text that every database takes.</summary>
internal static class StorableText
{
    /// <summary>
    /// The text, with U+FFFD for what PostgreSQL refuses: NUL, and halves of surrogate pairs.
    /// Names and messages of strangers may hold both, and must not keep a run from being recorded.
    /// </summary>
    public static string Of(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
