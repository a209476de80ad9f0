using System.Text;

namespace Maintenance.Engine.Inspect;

/// <summary>Names as people write them, for LIKE: * and ? stand for others, and as in PowerShell a ` before a sign takes its meaning. Pure.</summary>
internal static class LikePattern
{
    private const string Signs = "*?[]`";

    /// <summary>The signs that LIKE knows, for those that people know.</summary>
    public static string Of(string name)
    {
        var pattern = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var isEscaped = IsEscape(name, i);
            var sign = name[isEscaped ? ++i : i];
            _ = sign switch
            {
                '*' when !isEscaped => pattern.Append('%'),
                '?' when !isEscaped => pattern.Append('_'),
                '\\' or '%' or '_' => pattern.Append('\\').Append(sign),
                _ => pattern.Append(sign),
            };
        }

        return pattern.ToString();
    }

    /// <summary>True if the name stands for others.</summary>
    public static bool IsWildcard(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (IsEscape(name, i))
            {
                i++;
            }
            else if (name[i] is '*' or '?' or '[')
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsEscape(string name, int at) => name[at] == '`' && at + 1 < name.Length && Signs.Contains(name[at + 1], StringComparison.Ordinal);
}
